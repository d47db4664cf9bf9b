/* SPDX-License-Identifier: Apache-2.0 */
/* Claim detail messages (DDEX CDM flat files): what licensors claim of a sales report, and notices of
 * discrepancies and over-claims. docs/formats/cdm.md. Pure. Part of ledger's door. */
#ifndef LICET_LEDGER_CDM_H
#define LICET_LEDGER_CDM_H

#include "base/base.h"

enum { CDM_BYTES_MOST = 256 << 20, CDM_PARTIES_MOST = 64 };

/* Of a right, in 10^-8; -1: not told. */
struct cdm_shares {
    int64_t mechanical, performing, blended;
};

struct cdm_claim {
    uint32_t line;
    const char *id, *resource, *isrc, *title, *basis;
    const char *territory, *currency; /* of its summary; or empty */
    struct cdm_shares shares;
    int64_t usages_e8, amount_e8; /* amount in units of the currency */
};
struct cdm_discrepancy {
    uint32_t line;
    const char *id, *claim, *type, *record, *words;
};
struct cdm_overclaim { /* one CDD2 with its CDD3 */
    uint32_t line;
    const char *id, *resource, *title;
    struct {
        const char *name, *id;
        struct cdm_shares shares;
    } parties[CDM_PARTIES_MOST];
    size_t count;
};

struct cdm {
    const char *message, *profile, *sales_report, *related, *sender_id, *sender, *recipient;
    struct cdm_claim *claims;
    size_t claim_count;
    struct cdm_discrepancy *discrepancies;
    size_t discrepancy_count;
    struct cdm_overclaim *overclaims;
    size_t overclaim_count;
    size_t passed_over; /* records of kinds that are not read */
};

/* All or nothing; in arena `a`.
 * errors  INVALID "line 7: ShareClaimedMechanical: ..." */
MUST_USE enum code cdm_read(struct str text, struct arena *a, struct cdm *out, struct error *e);

/* What a share that several claim together comes to. */
#define CDM_STATUSES(ROW)                                                                          \
    ROW(CDM_COMPLETE, "CompleteClaim")                                                             \
    ROW(CDM_UNDER, "UnderClaim")                                                                   \
    ROW(CDM_MINOR_OVER, "MinorOverClaim") /* up to 115 % */                                        \
    ROW(CDM_MAJOR_OVER, "MajorOverClaim")
#define MEMBER(name, word) name,
enum cdm_status { CDM_STATUSES(MEMBER) CDM_STATUS_COUNT };
#undef MEMBER
const char *cdm_status_word(enum cdm_status s);
enum cdm_status cdm_status_of(int64_t share_e8);

/* Claims of one resource in one territory, of all messages together. */
struct cdm_total {
    const char *resource, *territory, *currency;
    struct cdm_shares shares; /* the largest of the three decides */
    int64_t amount_e8;
    size_t claims;
    enum cdm_status status;
};
/* out  in the order of resource, territory
 * errors  LIMIT a sum leaves 64 bits */
MUST_USE enum code cdm_totals(const struct cdm *messages, size_t count, struct arena *a,
                              struct cdm_total **out, size_t *total_count, struct error *e);

#endif
