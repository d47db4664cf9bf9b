/* SPDX-License-Identifier: Apache-2.0 */
/* Plays by holder, as money is counted from them: one row for each holder, day, app, territory,
 * model, kind and class of seconds. Statements and what-if start from this. Pure. Part of ledger's
 * door. */
#ifndef LICET_LEDGER_CUBE_H
#define LICET_LEDGER_CUBE_H

#include "licence/licence.h"

enum { CUBE_UNKNOWN = 0xFFFF, CUBE_NAMES_MOST = 0xFFF0, CUBE_LIMITED_MOST = 32 };
enum cube_kind { CUBE_FULL, CUBE_PREVIEW, CUBE_DENIED, CUBE_KIND_COUNT };

struct cube_row {
    int32_t day;     /* number of a struct day */
    uint16_t holder; /* of names; CUBE_UNKNOWN: a part that nobody claims */
    uint16_t app;
    uint8_t territory; /* enum territory_index */
    uint8_t model, kind;
    uint8_t seconds;   /* class: index in count_seconds_allowed of the largest not above */
    uint32_t sets;     /* bit n: the recording is in the repertoire of limited[n] */
    int64_t weight_e8; /* plays times share, in 10^-8 */
    int64_t touched;   /* whole plays in which the holder has any share */
};

struct cube_app {
    const char *network, *app;
};

struct cube {
    struct arena *arena;
    const char **parties; /* slugs */
    size_t party_count, party_room;
    struct cube_app *apps;
    size_t app_count, app_room;
    const struct terms *limited[CUBE_LIMITED_MOST]; /* whose repertoire is not all */
    size_t limited_count;
    bool recordings_told;  /* `sets` of the rows are set */
    struct cube_row *rows; /* of plays */
    size_t count, room;
    struct cube_row *users; /* of users: each user of a month weighs 1 in all, see cube_user */
    size_t user_count, user_room;
};

void cube_init(struct cube *c, struct arena *a);
void cube_done(struct cube *c); /* the rows; names belong to the arena */

/* The number of a name, new ones at the end.
 * errors  LIMIT more than CUBE_NAMES_MOST */
MUST_USE enum code cube_party(struct cube *c, struct str slug, uint16_t *out, struct error *e);
MUST_USE enum code cube_app(struct cube *c, struct str network, struct str app, uint16_t *out,
                            struct error *e);
/* Before rows are added: terms whose repertoire they are to tell; terms with all of it are no
 * matter.
 * errors  LIMIT more than CUBE_LIMITED_MOST */
MUST_USE enum code cube_limit(struct cube *c, const struct terms *t, struct error *e);
/* Is the recording of this ISRC (or empty: of none) in the terms' repertoire? */
bool cube_is_in(const struct terms *t, struct str isrc);
uint8_t cube_seconds_class(int64_t seconds);

/* errors  MEMORY */
MUST_USE enum code cube_add(struct cube *c, const struct cube_row *row, struct error *e);
/* One user's plays in one month: the rows' weights are made to sum to 10^8 by largest remainder,
 * ties to the row that stands first, and added to the rows of users. */
MUST_USE enum code cube_user(struct cube *c, struct cube_row *rows, size_t count, struct error *e);

/* Sort rows by day, holder, app, territory, model, kind, seconds, and add up equal ones: from here
 * on the same plays give the same rows, in whatever order they came.
 * errors  LIMIT a sum leaves 64 bits */
MUST_USE enum code cube_seal(struct cube *c, struct error *e);

/* Days between two cuts become the first of them (a sealed cube stays sealed): what asks only for
 * sums between cuts is answered the same from fewer rows. in  cuts  ascending */
MUST_USE enum code cube_cut(struct cube *c, const int32_t *cuts, size_t count, struct error *e);

/* Plays as a CSV: docs/formats/usage-csv.md. `report` names each bad line; the others count.
 * errors  INVALID the header is wrong */
struct cube_report {
    size_t lines, bad;
    void (*bad_line)(void *ctx, size_t line, const struct error *e);
    void *ctx;
};
MUST_USE enum code cube_read_csv(struct cube *c, struct str text, struct cube_report *report,
                                 struct error *e);

#endif
