/* SPDX-License-Identifier: Apache-2.0 */
/* A statement as others read it: CSV, a page to print, a sales report of DDEX (DSR flat file, UGC
 * profile; docs/formats/dsr.md). Pure. Part of ledger's door. */
#ifndef LICET_LEDGER_REPORT_H
#define LICET_LEDGER_REPORT_H

#include "ledger/statement.h"

struct report_input {
    const struct statement *statement;
    const struct statement_line *lines;
    size_t count;
    struct str terms; /* the text that was agreed: clauses are shown from it */
    const char *deal, *licensor, *licensor_name, *platform, *platform_name;
    const char *licensor_dpid, *platform_dpid; /* or NULL */
    void
        *ctx; /* of `recording`, which tells what is known of one; texts live until the call ends */
    enum code (*recording)(void *ctx, struct recording_id id, struct recording *out,
                           struct error *e);
};

MUST_USE enum code report_csv(const struct report_input *in, struct buf *out, struct error *e);
MUST_USE enum code report_html(const struct report_input *in, struct buf *out, struct error *e);
/* Profiles: user-generated content (with what is a licensor's of each), or audio (streams only). */
enum dsr_kind { DSR_UGC, DSR_AUDIO };
MUST_USE enum code report_dsr(const struct report_input *in, enum dsr_kind kind, struct buf *out,
                              struct error *e);
/* The forms a statement is written in: csv, html, dsr, dsr-audio. */
struct report_format {
    const char *word, *type; /* of media */
    enum code (*write)(const struct report_input *in, struct buf *out, struct error *e);
    bool named; /* its file has a name of its own: report_dsr_name */
};
/* errors  INVALID the text lists the words */
MUST_USE enum code report_format_find(struct str word, const struct report_format **out,
                                      struct error *e);
/* DSR_Recipient_Sender_Service_Period_Territory_1of1_YYYYMMDDThhmmss.tsv */
void report_dsr_name(const struct report_input *in, struct buf *out);

#endif
