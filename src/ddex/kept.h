/* SPDX-License-Identifier: Apache-2.0 */
/* What ddex keeps in the store: partners, messages, and what was made of them. */
#ifndef LICET_DDEX_KEPT_H
#define LICET_DDEX_KEPT_H

#include "ddex/report.h"
#include "store/store.h"

#define ERN_OMISSIONS(ROW)                                                                         \
    ROW(ERN_OMISSION_ENDS, "ends")                                                                 \
    ROW(ERN_OMISSION_REFUSED, "refused")
#define MEMBER(omission, word) omission,
enum ern_omission { ERN_OMISSIONS(MEMBER) ERN_OMISSION_COUNT };
#undef MEMBER

/* What per cent without a side are of: the standard's 3.8 does not say. */
#define ERN_PERCENTS(ROW)                                                                          \
    ROW(ERN_PERCENT_UNKNOWN, "unknown")                                                            \
    ROW(ERN_PERCENT_REFERENCE, "reference")                                                        \
    ROW(ERN_PERCENT_UPLOAD, "upload")
#define MEMBER(percent, word) percent,
enum ern_percent { ERN_PERCENTS(MEMBER) ERN_PERCENT_COUNT };
#undef MEMBER

const char *ern_omission_word(enum ern_omission o);
const char *ern_percent_word(enum ern_percent p);
MUST_USE enum code ern_omission_parse(struct str text, enum ern_omission *out, struct error *e);
MUST_USE enum code ern_percent_parse(struct str text, enum ern_percent *out, struct error *e);

/* A sender, and how its messages are meant. */
struct ern_partner {
    const char *dpid; /* or whatever the sender calls itself */
    struct party_id party;
    enum ern_omission omission;
    enum ern_percent percent;
    size_t app_count; /* that its DPID stands for as a distribution channel */
    const struct app_id *apps;
};

/* errors  INVALID no dpid; NOT_FOUND party */
MUST_USE enum code ern_partner_put(const struct registry_act *act, const struct ern_partner *p,
                                   struct error *e);
MUST_USE enum code ern_partner_find(struct store_tx *tx, struct party_id catalogue, struct str dpid,
                                    struct arena *a, struct ern_partner *out, bool *found,
                                    struct error *e);
MUST_USE enum code ern_partner_list(struct store_tx *tx, struct party_id catalogue, struct arena *a,
                                    struct ern_partner **out, size_t *count, struct error *e);

/* Which seconds of a recording a sender wants as its preview. */
struct preview_wish {
    bool given;
    int64_t start_ms, length_ms; /* length 0: as long as previews are here */
};

/* The newest wish of any sender. */
MUST_USE enum code ern_preview_of(struct store_tx *tx, struct party_id catalogue,
                                  struct recording_id recording, struct preview_wish *out,
                                  struct error *e);

/* ---- inside ddex ---- */

struct kept_scope {
    const struct registry_act *act;
    const char *sender;
};

MUST_USE enum code kept_apps(const struct kept_scope *s, const char *dpid, struct arena *a,
                             const struct app_id **apps, size_t *count, struct error *e);

MUST_USE enum code kept_preview(const struct kept_scope *s, struct recording_id recording,
                                struct preview_wish *out, struct error *e);
/* One that is not given is forgotten. */
MUST_USE enum code kept_preview_put(const struct kept_scope *s, struct recording_id recording,
                                    const struct preview_wish *wish, struct instant created,
                                    struct error *e);

struct kept_message {
    const char *message, *digest, *kind, *outcome, *rule, *file;
    struct instant created;
};
MUST_USE enum code kept_message_find(const struct kept_scope *s, const char *message,
                                     struct arena *a, struct kept_message *out, bool *found,
                                     struct error *e);
MUST_USE enum code kept_message_put(const struct kept_scope *s, const struct kept_message *m,
                                    struct error *e);

/* The created time of the message that spoke of it last; FIRST: none did. */
MUST_USE enum code kept_spoken(const struct kept_scope *s, const char *thing, struct instant *out,
                               struct error *e);
MUST_USE enum code kept_speak(const struct kept_scope *s, const char *thing, const char *message,
                              struct instant created, struct error *e);

struct kept_made {
    const char *kind, *content;
    uint8_t record[ID_BYTES];
};
MUST_USE enum code kept_made_list(const struct kept_scope *s, const char *thing, struct arena *a,
                                  struct kept_made **out, size_t *count, struct error *e);
MUST_USE enum code kept_made_put(const struct kept_scope *s, const char *thing,
                                 const struct kept_made *m, struct error *e);
MUST_USE enum code kept_made_drop(const struct kept_scope *s, const char *thing,
                                  const struct kept_made *m, struct error *e);

#endif
