/* SPDX-License-Identifier: Apache-2.0 */
/* The examination of a data folder: a table of checks, each with what it found and what mends it. */
#ifndef LICET_CLI_DOCTOR_H
#define LICET_CLI_DOCTOR_H

#include "cli/records.h"

struct doctor {
    struct cli_call *call;
    struct world *world;
    struct audio_host *audio;
    struct store_tx *tx;
    struct arena *arena;
    const char *check; /* the name of the one under way */
    int errors, warnings;
    bool deep;
};

enum doctor_weight { DOCTOR_ERROR, DOCTOR_WARNING };

/* Tell what is wrong, and the command that mends it (NULL: none does). */
void doctor_find(struct doctor *d, enum doctor_weight weight, const char *mend, const char *format,
                 ...) FORMAT(4, 5);

/* Each returns an error only where the check itself could not be made. */
typedef enum code doctor_check(struct doctor *d, struct error *e);

/* doctor_folder.c */
doctor_check doctor_modes, doctor_disk, doctor_settings, doctor_audio, doctor_indexes, doctor_blobs;
/* doctor_records.c */
doctor_check doctor_journal, doctor_clock, doctor_references, doctor_uploads, doctor_licences,
    doctor_claims, doctor_keys, doctor_people, doctor_networks;

#endif
