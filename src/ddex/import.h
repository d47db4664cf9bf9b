/* SPDX-License-Identifier: Apache-2.0 */
/* A message into the registry: parties, recordings, claims, releases, policies, licences. Part of
 * ddex's door.
 *
 * Everything happens in the caller's transaction, inside a savepoint: a message that a rule
 * refuses, and a TestMessage, leave nothing behind but a row that says so.
 *
 *   shares   of resource rights controllers become claims; a newer message replaces those that
 *            the same sender told of the recording
 *   deals    for a model that is licensed become licences of the release's recordings, rights
 *            claims become policies; a newer message replaces all of the release's deals, so
 *            what it leaves out ends (or the partner may not leave out: ern_omission)
 *   order    what a message says of a thing of which a newer one has spoken is left alone
 */
#ifndef LICET_DDEX_IMPORT_H
#define LICET_DDEX_IMPORT_H

#include "ddex/kept.h"
#include "ddex/reader.h"

struct ern_options {
    struct confine_host *host;
    struct ern_limits limits;
    struct party_id holder; /* none: any sender. Else only this party's messages and claims */
    const char *file;       /* as it is called in the list of messages */
    void *context;
    /* All apps there are, for channels that are excluded. */
    enum code (*all_apps)(void *context, struct store_tx *tx, struct arena *a,
                          const struct app_id **apps, size_t *count, struct error *e);
    void (*change)(void *context, const struct ern_change *c); /* may be NULL */
};

/* in      fd      the message begins at its offset
 * out     report  texts in arena `a`; a refusal is an outcome, not an error
 * errors  those of ern_read but for refusals; those of the store: roll back */
MUST_USE enum code ern_import(const struct registry_act *act, int fd, const struct ern_options *o,
                              struct arena *a, struct ern_report *report, struct error *e);

#endif
