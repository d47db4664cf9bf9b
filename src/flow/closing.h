/* SPDX-License-Identifier: Apache-2.0 */
/* What closing a period and computing it again share. Internal to flow. */
#ifndef LICET_FLOW_CLOSING_H
#define LICET_FLOW_CLOSING_H

#include "flow/world.h"

enum { BARGAINS_MOST = 256 };

struct closing {
    const struct close_request *r;
    struct registry_act act;
    struct arena *a;
    struct instant known; /* 0: now */
    struct bargain bargains[BARGAINS_MOST];
    struct close_deal deals[BARGAINS_MOST]; /* of the same place */
    const char *names[BARGAINS_MOST];
    size_t count;
    const struct terms *limited[BARGAINS_MOST];
    size_t limited_count;
    /* plays, as the terms at hand want them */
    struct usage_options options;
    bool loaded;
    struct cube cube, unfiltered;
    struct usage_loaded usage;
    struct statement_room *room;
    struct price_input in;
    struct price price, price_unfiltered;
    /* what came out */
    struct closed_statement *out;
    size_t out_count, out_room;
    const char **notes;
    size_t note_count;
};

/* Names, terms and ids of licensors of one deal, behind the others. */
MUST_USE enum code closing_add(struct closing *x, const struct close_deal *d, const char *name,
                               struct error *e);
/* Plays as the terms of number `own` want them; those that are there may do. */
MUST_USE enum code closing_load(struct closing *x, size_t own, struct error *e);
MUST_USE enum code closing_price(struct closing *x, size_t own, struct error *e);
MUST_USE enum code closing_lines(struct closing *x, size_t own, uint32_t licensor,
                                 const struct line_sink *sink, struct error *e);
/* The lines of one licensor (LICENSOR_NONE: nobody's), less what statements below `number` said;
 * *nothing: there is nothing to state. */
MUST_USE enum code closing_write(struct closing *x, size_t own, uint32_t licensor,
                                 struct statement *s, bool keep, bool *nothing, struct error *e);
void closing_done(struct closing *x);
/* As it was when a statement was closed: statement_again.c */
MUST_USE enum code closing_again(struct closing *x, const struct close_inputs *inputs,
                                 const struct statement *s, size_t *own, uint32_t *licensor,
                                 struct error *e);
MUST_USE enum code closing_inputs(struct store_tx *tx, struct party_id catalogue,
                                  struct statement_id id, struct arena *a, struct statement *s,
                                  struct close_inputs *inputs, struct error *e);
struct close_request closing_request(const struct close_inputs *inputs);

#endif
