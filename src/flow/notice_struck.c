/* SPDX-License-Identifier: Apache-2.0 */
/* The ladder of repeat infringers. */
#include "flow/agreement.h"
#include "flow/notice_inside.h"

/* Three strikes, or as many as the operator says: the uploader is suspended. */
static enum code suspend(struct desk_act *act, const struct desk_struck *x, int64_t most,
                         struct error *e)
{
    int64_t active;
    TRY(desk_strikes_active(act->tx, x->network, x->uploader, &active, e));
    if (active < most)
        return OK;
    struct user user;
    char text[ID_TEXT];
    BUF(after);
    struct json_out o = { &after, false };
    const char *agreement, *why = "repeat infringer";
    TRY(flow_agreement_words(act->tx, act->now, act->arena, &agreement, e));
    if (agreement[0])
        why = arena_format(act->arena, "repeat infringer: user agreement, %s", agreement);
    struct access_act access = { act->tx, act->who, str_of(why), act->now, act->chance };
    TRY(access_user_find(act->tx, x->network, str_of(x->uploader), act->arena, &user, e));
    user.suspended = true;
    TRY(access_user_put(&access, &user, e));
    json_begin(&o, '{');
    json_int(&o, "strikes", active);
    json_end(&o, '}');
    desk_note(act, "uploader.suspended", user_id_format(user.id, text), &after, str_of(why));
    return OK;
}

/* Of at most SQL_IDS_MOST of one network: those who have an account here that is not suspended. */
static enum code strike_out(struct desk_act *act, const struct desk_struck *const *list,
                            size_t count, int64_t most, struct error *e)
{
    struct sql_value names[SQL_IDS_MOST + 1];
    const struct desk_struck *hit[SQL_IDS_MOST];
    size_t hits = 0;
    owned(store_rows) r = NULL;
    if (count == 0)
        return OK;
    for (size_t i = 0; i < SQL_IDS_MOST; i++)
        names[i] = sql_text(list[i < count ? i : count - 1]->uploader);
    names[SQL_WIDTH(count)] = sql_id(list[0]->network);
    TRY(store_query(act->tx,
                    SQL_ONE_OR_MANY_AND(count,
                                        "SELECT slug FROM access_users WHERE suspended = 0 AND "
                                        "slug IN (",
                                        ") AND network = ", " ORDER BY slug"),
                    names, SQL_WIDTH(count) + 1, &r, e));
    for (bool more;;) {
        TRY(store_next(r, &more, e));
        if (!more)
            break;
        for (size_t i = 0; i < count && hits < SQL_IDS_MOST; i++)
            if (str_is(store_text(r, 0), list[i]->uploader))
                hit[hits++] = list[i];
    }
    store_rows_free(take(r));
    for (size_t i = 0; i < hits; i++)
        TRY(suspend(act, hit[i], most, e));
    return OK;
}

enum code notice_struck(struct desk_act *act, const struct desk_struck *list, size_t count,
                        struct error *e)
{
    struct world *w = act->state;
    const struct desk_struck *some[SQL_IDS_MOST];
    size_t at = 0;
    int64_t most;
    TRY(settings_int(w->settings, "desk.strikes_most", 1, 1000, &most, e));
    for (size_t i = 0; i < count; i++) {
        if (at == SQL_IDS_MOST || (at && !network_id_equal(some[0]->network, list[i].network))) {
            TRY(strike_out(act, some, at, most, e));
            at = 0;
        }
        some[at++] = &list[i];
    }
    return strike_out(act, some, at, most, e);
}
