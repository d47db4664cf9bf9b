/* SPDX-License-Identifier: Apache-2.0 */
/* licet deal offer, agree, reject, terminate, list, show, diff: the deal room. */
#include "cli/records.h"
#include "cli/terms.h"

static void print_deal(const struct cli_call *c, const struct deal *d)
{
    char id[ID_TEXT], from[INSTANT_TEXT], until[INSTANT_TEXT];
    PRINT_RECORD(c, deal_json, d, "%s  %s  %s, version %lld%s%s%s%s%s%s\n",
                 deal_id_format(d->id, id), d->name, deal_state_word(d->state),
                 (long long)d->latest, d->agreed ? ", from " : "",
                 d->agreed ? instant_format(d->from, from) : "",
                 d->agreed && d->until.us != INT64_MAX ? " until " : "",
                 d->agreed ? instant_format(d->until, until) : "", d->reason ? ", reason " : "",
                 d->reason ? d->reason : "");
}

static enum code side_of(const struct cli_call *c, enum deal_side *out, struct error *e)
{
    const char *by;
    TRY(cli_need(c, "by", &by, e));
    return deal_side_parse(str_of(by), out, e);
}

enum code cli_deal_offer(struct cli_call *c, struct error *e)
{
    BUF(text);
    enum deal_side side;
    struct deal d;
    TRY(side_of(c, &side, e));
    TRY(file_read(c->arguments[1], TERMS_BYTES_MOST, &text, e));
    CHANGING(x);
    TRY(cli_change_begin(c, &x, e));
    if (deal_offer_put(&x.change.act, str_of(c->arguments[0]), buf_as_str(&text), side,
                       cli_has(c, "draft"), &d, e) != OK)
        return fail_in(e, "%s", c->arguments[1]);
    d.name = c->arguments[0];
    TRY(cli_change_commit(c, &x, e));
    print_deal(c, &d);
    return OK;
}

enum code cli_deal_agree(struct cli_call *c, struct error *e)
{
    enum deal_side side;
    struct deal d;
    TRY(side_of(c, &side, e));
    CHANGING(x);
    TRY(cli_change_begin(c, &x, e));
    TRY(flow_deal_agree(&x.change, str_of(c->arguments[0]), side, c->arena, &d, e));
    TRY(cli_change_commit(c, &x, e));
    print_deal(c, &d);
    return OK;
}

enum code cli_deal_reject(struct cli_call *c, struct error *e)
{
    enum deal_side side;
    enum deal_reason reason;
    const char *word;
    struct deal d;
    TRY(side_of(c, &side, e));
    TRY(cli_need(c, "reason", &word, e));
    TRY(deal_reason_parse(str_of(word), &reason, e));
    CHANGING(x);
    TRY(cli_change_begin(c, &x, e));
    TRY(deal_find(x.change.act.tx, x.change.act.catalogue, str_of(c->arguments[0]),
                  x.change.act.now, c->arena, &d, e));
    TRY(deal_reject(&x.change.act, &d, side, reason, e));
    TRY(cli_change_commit(c, &x, e));
    print_deal(c, &d);
    return OK;
}

enum code cli_deal_terminate(struct cli_call *c, struct error *e)
{
    struct deal d;
    const char *when = cli_value(c, "at");
    CHANGING(x);
    TRY(cli_change_begin(c, &x, e));
    struct instant at = x.change.act.now;
    if (when)
        TRY(instant_parse(str_of(when), &at, e));
    TRY(deal_find(x.change.act.tx, x.change.act.catalogue, str_of(c->arguments[0]),
                  x.change.act.now, c->arena, &d, e));
    TRY(deal_terminate(&x.change.act, &d, &at, e));
    TRY(cli_change_commit(c, &x, e));
    print_deal(c, &d);
    return OK;
}

enum code cli_deal_list(struct cli_call *c, struct error *e)
{
    struct deal_id after = { { 0 } };
    READING(r);
    TRY(cli_reading_begin(c, &r, e));
    for (size_t count = PAGE_MOST; count == PAGE_MOST;) {
        struct deal *page;
        TRY(deal_list(r.tx, world_catalogue(r.world.world), after, PAGE_MOST,
                      world_now(r.world.world), c->arena, &page, &count, e));
        for (size_t i = 0; i < count; i++)
            print_deal(c, &page[i]);
        if (count)
            after = page[count - 1].id;
    }
    return OK;
}

/* The deal and, one a line, its versions; with --number the text of one of them. */
enum code cli_deal_show(struct cli_call *c, struct error *e)
{
    struct deal d;
    int64_t number;
    READING(r);
    TRY(cli_int(c, "number", 0, 1, INT64_MAX, &number, e));
    TRY(cli_reading_begin(c, &r, e));
    struct party_id catalogue = world_catalogue(r.world.world);
    TRY(deal_find(r.tx, catalogue, str_of(c->arguments[0]), world_now(r.world.world), c->arena, &d,
                  e));
    if (!number)
        print_deal(c, &d);
    for (int64_t n = number ? number : 1; n <= (number ? number : d.latest); n++) {
        struct deal_offer v;
        char at[INSTANT_TEXT];
        TRY(deal_offer_get(r.tx, catalogue, d.id, n, c->arena, &v, e));
        if (c->json) {
            BUF(line);
            struct json_out o = { &line, false };
            deal_offer_json(&v, true, &o);
            cli_print(&line);
        } else if (number) {
            printf("%s", v.terms);
        } else {
            printf("%lld  %s  %s by %s (%s)%s%s\n", (long long)v.number, v.hash,
                   instant_format(v.at, at), v.who, deal_side_word(v.side), v.note[0] ? ": " : "",
                   v.note);
        }
    }
    return OK;
}

enum code cli_deal_diff(struct cli_call *c, struct error *e)
{
    BUF(text);
    struct deal d;
    struct terms t[2];
    READING(r);
    TRY(cli_reading_begin(c, &r, e));
    struct party_id catalogue = world_catalogue(r.world.world);
    TRY(deal_find(r.tx, catalogue, str_of(c->arguments[0]), world_now(r.world.world), c->arena, &d,
                  e));
    for (size_t i = 0; i < 2; i++) {
        struct deal_offer v;
        int64_t number = d.latest - 1 + (int64_t)i;
        if (c->count > 1 + i)
            TRY(str_to_int64(str_of(c->arguments[1 + i]), 1, INT64_MAX, &number, e));
        TRY(deal_offer_get(r.tx, catalogue, d.id, number ? number : 1, c->arena, &v, e));
        TRY(terms_parse(str_of(v.terms), c->arena, &t[i], NULL, e));
    }
    terms_diff(&t[0], &t[1], &text);
    if (c->json) {
        BUF(line);
        struct json_out o = { &line, false };
        json_begin(&o, '{');
        json_bool(&o, "same", text.length == 0);
        json_str(&o, "difference", buf_as_str(&text));
        json_end(&o, '}');
        cli_print(&line);
        return OK;
    }
    printf("%.*s", STR_ARG(buf_as_str(&text)));
    return OK;
}
