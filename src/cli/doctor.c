/* SPDX-License-Identifier: Apache-2.0 */
/* licet doctor: look the data folder over; each finding comes with the command that mends it. */
#include "cli/doctor.h"

static const struct {
    const char *name;
    doctor_check *run;
} checks[] = {
    { "modes", doctor_modes },       { "disk", doctor_disk },
    { "settings", doctor_settings }, { "clock", doctor_clock },
    { "audio", doctor_audio },       { "journal", doctor_journal },
    { "indexes", doctor_indexes },   { "references", doctor_references },
    { "blobs", doctor_blobs },       { "uploads", doctor_uploads },
    { "networks", doctor_networks }, { "claims", doctor_claims },
    { "licences", doctor_licences }, { "keys", doctor_keys },
    { "people", doctor_people },
};

void doctor_find(struct doctor *d, enum doctor_weight weight, const char *mend, const char *format,
                 ...)
{
    char text[512];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    const char *word = weight == DOCTOR_ERROR ? "error" : "warning";
    d->errors += weight == DOCTOR_ERROR;
    d->warnings += weight == DOCTOR_WARNING;
    if (!d->call->json) {
        printf("%-8s %s: %s\n", word, d->check, text);
        if (mend)
            printf("         mend it: %s\n", mend);
        return;
    }
    BUF(line);
    struct json_out o = { &line, false };
    json_begin(&o, '{');
    json_text(&o, "check", d->check);
    json_text(&o, "weight", word);
    json_text(&o, "text", text);
    json_text(&o, "mend", mend);
    json_end(&o, '}');
    cli_print(&line);
}

static enum code examine(struct doctor *d, struct error *e)
{
    TRY(store_begin(world_store(d->world), STORE_READ, &d->tx, e));
    for (size_t i = 0; i < COUNT_OF(checks); i++) {
        struct error why = { 0 };
        d->check = checks[i].name;
        if (checks[i].run(d, &why) != OK)
            doctor_find(d, DOCTOR_ERROR, NULL, "could not be checked: %s", why.text);
    }
    store_rollback(d->tx);
    return OK;
}

enum code cli_doctor(struct cli_call *c, struct error *e)
{
    struct doctor d = { .call = c, .arena = c->arena, .deep = cli_has(c, "deep") };
    struct error why = { 0 };
    WORLD(w);
    d.check = "folder";
    if (cli_world_open(c, NEEDS_AUDIO, &w, &why) != OK) {
        const char *mend = why.code == ERR_NOT_FOUND
                               ? arena_format(c->arena, "licet init --data %s", c->data)
                           : why.code == ERR_CORRUPT
                               ? arena_format(c->arena, "licet restore FOLDER --data %s.new",
                                              c->data)
                               : NULL;
        doctor_find(&d, DOCTOR_ERROR, mend, "%s", why.text);
    } else {
        d.world = w.world;
        d.audio = w.audio;
        TRY(examine(&d, e));
    }
    c->failures = d.errors;
    if (!c->json)
        printf("%zu checks: %d errors, %d warnings\n", COUNT_OF(checks), d.errors, d.warnings);
    return OK;
}
