/* SPDX-License-Identifier: Apache-2.0 */
/* A comparison for people, tables, programs, and as a picture. */
#include <stdio.h>

#include "ledger/compare.h"

static void put_grouped(struct str digits, struct buf *out)
{
    size_t whole = 0, sign = digits.length && digits.at[0] == '-';
    while (sign + whole < digits.length && digits.at[sign + whole] != '.')
        whole++;
    for (size_t i = 0; i < digits.length; i++) {
        if (i > sign && i < sign + whole && (sign + whole - i) % 3 == 0)
            buf_byte(out, ',');
        buf_byte(out, (uint8_t)digits.at[i]);
    }
}

/* "1,443,209.87" */
static void put_money(int64_t minor, struct currency c, bool grouped, struct buf *out)
{
    char text[40];
    const char *digits = money_format((struct money) { minor, c }, text);
    digits = strchr(digits, ' ') + 1;
    if (grouped)
        put_grouped(str_of(digits), out);
    else
        buf_text(out, digits);
}

/* Minor units that need not be whole, as units with so many decimals more. */
static void put_units(struct rational minor, struct currency c, int more, struct buf *out)
{
    struct rational units = minor;
    struct error ignored;
    for (int i = 0; i < c.places; i++)
        if (rational_divide(units, rational_of(10), &units, &ignored) != OK)
            return;
    rational_decimals(units, c.places + more, out);
}

static void put_share(int128 part, int128 whole, struct buf *out)
{
    struct rational r;
    struct error ignored;
    if (whole == 0 || rational_make(part * 100, whole, &r, &ignored) != OK)
        r = rational_of(0);
    rational_decimals(r, 2, out);
}

static int64_t whole_plays(int128 weight_e8)
{
    return (int64_t)(weight_e8 / SHARE_WHOLE_E8);
}

static void put_count(int64_t n, struct buf *out)
{
    char text[32];
    snprintf(text, sizeof text, "%lld", (long long)n);
    put_grouped(str_of(text), out);
}

/* ---- text ------------------------------------------------------------------------------------ */

enum { NAME_WIDE = 16, CELL_WIDE = 20 };

static void put_cell(struct str s, int wide, bool left, struct buf *out)
{
    if (left)
        buf_format(out, "%-*.*s", wide, STR_ARG(s));
    else
        buf_format(out, " %*.*s", wide - 1, STR_ARG(s));
}

static void put_head(const struct compare_input *in, const char *first, struct buf *out)
{
    put_cell(str_of(first), NAME_WIDE, true, out);
    for (size_t i = 0; i < in->offer_count; i++) {
        struct str name = str_of(in->offers[i].name);
        if (name.length > CELL_WIDE - 1)
            name.length = CELL_WIDE - 1;
        put_cell(name, CELL_WIDE, false, out);
    }
    buf_byte(out, '\n');
}

typedef void cell_writer(const struct compared *c, size_t offer, size_t holder, struct buf *out);

static void cell_due(const struct compared *c, size_t offer, size_t holder, struct buf *out)
{
    const struct compare_offer *o = &c->offers[offer];
    if (o->cells[holder].party)
        put_money(o->cells[holder].due, o->currency, true, out);
    else
        buf_text(out, "not signed");
}

static void cell_change(const struct compared *c, size_t offer, size_t holder, struct buf *out)
{
    const struct compare_offer *o = &c->offers[offer];
    if (offer == 0 || !o->currency.code[0]) {
        buf_text(out, "-");
        return;
    }
    if (o->cells[holder].change > 0)
        buf_byte(out, '+');
    put_money(o->cells[holder].change, o->currency, true, out);
}

static void cell_per_play(const struct compared *c, size_t offer, size_t holder, struct buf *out)
{
    const struct compare_offer *o = &c->offers[offer];
    put_units(o->cells[holder].per_play, o->currency, 4, out);
}

static void put_rows(const struct compare_input *in, const struct compared *c, cell_writer *write,
                     struct buf *out)
{
    for (size_t h = 0; h < c->licensor_count; h++) {
        put_cell(str_of(c->holders[h].slug), NAME_WIDE, true, out);
        for (size_t i = 0; i < in->offer_count; i++) {
            BUF(cell);
            write(c, i, h, &cell);
            put_cell(buf_as_str(&cell), CELL_WIDE, false, out);
        }
        buf_byte(out, '\n');
    }
}

static void put_totals(const struct compare_input *in, const struct compared *c, struct buf *out)
{
    static const char *const names[] = { "together", "paid", "per play", "per user" };
    for (int row = 0; row < 4; row++) {
        if (row == 3 && !c->users)
            continue;
        put_cell(str_of(names[row]), NAME_WIDE, true, out);
        for (size_t i = 0; i < in->offer_count; i++) {
            const struct compare_offer *o = &c->offers[i];
            BUF(cell);
            if (row < 2)
                put_money(row ? o->payable : o->due, o->currency, true, &cell);
            else
                put_units(row == 2 ? o->per_play : o->per_user, o->currency, 4, &cell);
            put_cell(buf_as_str(&cell), CELL_WIDE, false, out);
        }
        buf_byte(out, '\n');
    }
}

static const char *const lost_words[] = { [COMPARE_DENY] = "blocked",
                                          [COMPARE_PREVIEW] = "cut to 30 s",
                                          [COMPARE_FULL] = "played unlicensed" };

static void put_places(const struct compare_place *p, size_t count, struct buf *out)
{
    for (size_t i = 0; i < count && i < 5; i++) {
        buf_format(out, "%s%s ", i ? ", " : "", p[i].name);
        put_count(p[i].plays, out);
    }
    if (count > 5)
        buf_format(out, ", %zu more", count - 5);
}

static void put_risks(const struct compare_input *in, const struct compared *c, struct buf *out)
{
    buf_text(out, "\nIf one is not signed\n");
    for (size_t h = 0; h < c->licensor_count; h++) {
        const struct compare_holder *x = &c->holders[h];
        buf_format(out, "%s: ", x->slug);
        put_share(x->weight_e8, c->plays_e8, out);
        buf_text(out, " % of the plays are theirs; ");
        put_count(x->touched, out);
        buf_format(out, " plays would be %s", lost_words[in->unlicensed]);
        if (x->at_risk.currency.code[0]) {
            buf_format(out, ", with %s ", x->at_risk.currency.code);
            put_money(x->at_risk.minor, x->at_risk.currency, true, out);
            buf_text(out, " of revenue: a fee up to that breaks even");
        }
        buf_text(out, "\n  by territory: ");
        put_places(x->territories, x->territory_count, out);
        buf_text(out, "\n  by app: ");
        put_places(x->apps, x->app_count, out);
        buf_byte(out, '\n');
    }
}

static void put_gains(const struct compare_input *in, const struct compared *c, struct buf *out)
{
    for (size_t i = 1; i < in->offer_count; i++) {
        const struct compare_offer *o = &c->offers[i], *first = &c->offers[0];
        if (strcmp(o->currency.code, first->currency.code) != 0)
            continue;
        int64_t less = first->due - o->due;
        buf_format(out, "%s instead of %s: the platform %s %s ", in->offers[i].name,
                   in->offers[0].name, less >= 0 ? "saves" : "pays", o->currency.code);
        put_money(less >= 0 ? less : -less, o->currency, true, out);
        buf_text(out, less >= 0 ? "" : " more");
        for (size_t h = 0; h < c->licensor_count; h++)
            if (o->cells[h].party && o->cells[h].change) {
                int64_t change = o->cells[h].change;
                buf_format(out, "; %s %s ", c->holders[h].slug, change > 0 ? "gains" : "loses");
                put_money(change > 0 ? change : -change, o->currency, true, out);
            }
        buf_byte(out, '\n');
    }
}

void compare_text(const struct compare_input *in, const struct compared *c, struct buf *out)
{
    char from[INSTANT_TEXT], last[INSTANT_TEXT];
    buf_format(out, "%s through %s: ", day_format(in->from, from),
               day_format((struct day) { in->until.number - 1 }, last));
    put_count(whole_plays(c->plays_e8), out);
    buf_format(out, " plays of %lld s or more, ", (long long)c->count_seconds);
    put_share(c->unknown_e8, c->plays_e8, out);
    buf_text(out, " % of them nobody's\n\nDue to each, ");
    buf_format(out, "%s\n", c->offers[0].currency.code);
    put_head(in, "", out);
    put_rows(in, c, cell_due, out);
    put_totals(in, c, out);
    if (in->offer_count > 1) {
        buf_format(out, "\nAgainst %s\n", in->offers[0].name);
        put_rows(in, c, cell_change, out);
        put_gains(in, c, out);
    }
    buf_text(out, "\nA play of theirs costs\n");
    put_rows(in, c, cell_per_play, out);
    put_risks(in, c, out);
    for (size_t i = 0; i < in->offer_count; i++)
        for (size_t n = 0; n < c->offers[i].price.note_count; n++)
            buf_format(out, "%s%s: %s\n", n == 0 ? "\n" : "", in->offers[i].name,
                       c->offers[i].price.notes[n]);
}

/* ---- CSV -------------------------------------------------------------------------------------- */

void compare_csv(const struct compare_input *in, const struct compared *c, struct buf *out)
{
    buf_text(out, "offer,licensor,signed,currency,due,payable,change,share_of_plays_percent,"
                  "plays,per_play,plays_at_risk,revenue_at_risk\r\n");
    for (size_t i = 0; i < in->offer_count; i++)
        for (size_t h = 0; h < c->licensor_count; h++) {
            const struct compare_offer *o = &c->offers[i];
            const struct compare_cell *cell = &o->cells[h];
            const struct compare_holder *x = &c->holders[h];
            buf_format(out, "\"%s\",%s,%d,%s,", in->offers[i].name, x->slug, cell->party,
                       o->currency.code);
            put_money(cell->due, o->currency, false, out);
            buf_byte(out, ',');
            put_money(cell->payable, o->currency, false, out);
            buf_byte(out, ',');
            put_money(cell->change, o->currency, false, out);
            buf_byte(out, ',');
            put_share(x->weight_e8, c->plays_e8, out);
            buf_format(out, ",%lld,", (long long)whole_plays(x->weight_e8));
            put_units(cell->per_play, o->currency, 6, out);
            buf_format(out, ",%lld,", (long long)x->touched);
            if (x->at_risk.currency.code[0])
                put_money(x->at_risk.minor, x->at_risk.currency, false, out);
            buf_text(out, "\r\n");
        }
}

/* ---- JSON ------------------------------------------------------------------------------------- */

static void json_rational(struct json_out *o, const char *name, struct rational r)
{
    BUF(text);
    rational_format(r, &text);
    json_str(o, name, buf_as_str(&text));
}

static void json_places(struct json_out *o, const char *name, const struct compare_place *p,
                        size_t count)
{
    json_key(o, name);
    json_begin(o, '{');
    for (size_t i = 0; i < count; i++)
        json_int(o, p[i].name, p[i].plays);
    json_end(o, '}');
}

static void json_holder(struct json_out *o, const struct compared *c,
                        const struct compare_holder *x)
{
    BUF(share);
    put_share(x->weight_e8, c->plays_e8, &share);
    json_begin(o, '{');
    json_text(o, "holder", x->slug);
    json_bool(o, "licensor", x->licensor);
    json_int(o, "plays", whole_plays(x->weight_e8));
    json_str(o, "share_of_plays_percent", buf_as_str(&share));
    json_int(o, "plays_at_risk", x->touched);
    json_text(o, "currency", x->at_risk.currency.code[0] ? x->at_risk.currency.code : NULL);
    json_int(o, "revenue_at_risk", x->at_risk.minor);
    json_places(o, "territories", x->territories, x->territory_count);
    json_places(o, "apps", x->apps, x->app_count);
    json_end(o, '}');
}

static void json_lines(struct json_out *o, const struct offer *offer, const struct price *p)
{
    char text[INSTANT_TEXT];
    json_key(o, "lines");
    json_begin(o, '[');
    for (size_t i = 0; i < p->count; i++) {
        const struct price_line *l = &p->lines[i];
        const struct terms *t = offer->bargains[l->bargain].terms;
        json_begin(o, '{');
        json_text(o, "terms", t->title);
        json_text(o, "licensor",
                  l->licensor == LICENSOR_NONE ? NULL : t->licensors.items[l->licensor].text);
        json_text(o, "from", day_format(l->from, text));
        json_text(o, "through", day_format((struct day) { l->until.number - 1 }, text));
        json_text(o, "kind", line_kind_word(l->kind));
        json_int(o, "line", l->clause.line);
        json_int(o, "amount", l->minor);
        json_end(o, '}');
    }
    json_end(o, ']');
}

static void json_offer(struct json_out *o, const struct compare_input *in, const struct compared *c,
                       size_t i)
{
    const struct compare_offer *x = &c->offers[i];
    json_begin(o, '{');
    json_text(o, "offer", in->offers[i].name);
    json_text(o, "currency", x->currency.code[0] ? x->currency.code : NULL);
    json_int(o, "due", x->due);
    json_int(o, "payable", x->payable);
    json_rational(o, "minor_per_play", x->per_play);
    json_rational(o, "minor_per_user", x->per_user);
    json_key(o, "licensors");
    json_begin(o, '[');
    for (size_t h = 0; h < c->licensor_count; h++) {
        json_begin(o, '{');
        json_text(o, "licensor", c->holders[h].slug);
        json_bool(o, "signed", x->cells[h].party);
        json_int(o, "due", x->cells[h].due);
        json_int(o, "payable", x->cells[h].payable);
        json_int(o, "change", x->cells[h].change);
        json_rational(o, "minor_per_play", x->cells[h].per_play);
        json_end(o, '}');
    }
    json_end(o, ']');
    json_lines(o, &in->offers[i], &x->price);
    json_key(o, "notes");
    json_begin(o, '[');
    for (size_t n = 0; n < x->price.note_count; n++)
        json_put_text(o, x->price.notes[n]);
    json_end(o, ']');
    json_end(o, '}');
}

void compare_json(const struct compare_input *in, const struct compared *c, struct buf *out)
{
    char text[INSTANT_TEXT];
    struct json_out o = { out, false };
    json_begin(&o, '{');
    json_text(&o, "from", day_format(in->from, text));
    json_text(&o, "through", day_format((struct day) { in->until.number - 1 }, text));
    json_int(&o, "plays", whole_plays(c->plays_e8));
    json_int(&o, "unknown_plays", whole_plays(c->unknown_e8));
    json_int(&o, "count_seconds", c->count_seconds);
    json_int(&o, "users", c->users);
    json_text(&o, "unlicensed", lost_words[in->unlicensed]);
    json_key(&o, "holders");
    json_begin(&o, '[');
    for (size_t h = 0; h < c->holder_count; h++)
        json_holder(&o, c, &c->holders[h]);
    json_end(&o, ']');
    json_key(&o, "offers");
    json_begin(&o, '[');
    for (size_t i = 0; i < in->offer_count; i++)
        json_offer(&o, in, c, i);
    json_end(&o, ']');
    json_end(&o, '}');
}

/* ---- SVG: a bar for each offer, a piece for each licensor ---------------------------------------- */

static void put_xml(const char *text, struct buf *out)
{
    for (const char *p = text; *p; p++)
        if (*p == '<')
            buf_text(out, "&lt;");
        else if (*p == '&')
            buf_text(out, "&amp;");
        else
            buf_byte(out, (uint8_t)*p);
}

void compare_svg(const struct compare_input *in, const struct compared *c, struct buf *out)
{
    static const char *const colours[] = { "#4e79a7", "#f28e2b", "#59a14f", "#b07aa1",
                                           "#edc948", "#76b7b2", "#e15759", "#9c755f" };
    int high = (int)in->offer_count * 44 + 40 + (int)c->licensor_count * 18;
    int64_t most = 1;
    for (size_t i = 0; i < in->offer_count; i++)
        most = c->offers[i].due > most ? c->offers[i].due : most;
    buf_format(out,
               "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 800 %d\" "
               "font-family=\"sans-serif\" font-size=\"13\" role=\"img\">\n<title>What each offer "
               "costs</title>\n",
               high);
    for (size_t i = 0; i < in->offer_count; i++) {
        const struct compare_offer *o = &c->offers[i];
        int y = (int)i * 44 + 10;
        int64_t before = 0;
        buf_format(out, "<text x=\"0\" y=\"%d\">", y + 12);
        put_xml(in->offers[i].name, out);
        buf_format(out, ": %s ", o->currency.code);
        put_money(o->due, o->currency, true, out);
        buf_text(out, "</text>\n");
        for (size_t h = 0; h < c->licensor_count; h++) {
            int64_t due = o->cells[h].due > 0 ? o->cells[h].due : 0;
            int x0 = (int)((int128)before * 790 / most), x1;
            before += due;
            x1 = (int)((int128)before * 790 / most);
            if (x1 > x0)
                buf_format(out,
                           "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"16\" fill=\"%s\"/>\n", x0,
                           y + 18, x1 - x0, colours[h % COUNT_OF(colours)]);
        }
    }
    for (size_t h = 0; h < c->licensor_count; h++) {
        int y = (int)in->offer_count * 44 + 24 + (int)h * 18;
        buf_format(out,
                   "<rect x=\"0\" y=\"%d\" width=\"12\" height=\"12\" fill=\"%s\"/><text "
                   "x=\"18\" y=\"%d\">",
                   y - 11, colours[h % COUNT_OF(colours)], y);
        put_xml(c->holders[h].slug, out);
        buf_text(out, " (");
        put_share(c->holders[h].weight_e8, c->plays_e8, out);
        buf_text(out, " % of plays)</text>\n");
    }
    buf_text(out, "</svg>\n");
}
