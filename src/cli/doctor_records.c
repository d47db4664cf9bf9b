/* SPDX-License-Identifier: Apache-2.0 */
/* Checks of the records. */
#include "cli/doctor.h"
#include "journal/journal.h"

#include <inttypes.h>

static const int64_t DAY_US = 86400LL * 1000000;

enum code doctor_journal(struct doctor *d, struct error *e)
{
    struct journal_report report;
    struct error why = { 0 };
    enum code code = journal_verify(d->tx, NULL, 0, NULL, &report, &why);
    if (code == ERR_CORRUPT)
        doctor_find(d, DOCTOR_ERROR, "licet restore FOLDER --data NEW", "%s", why.text);
    else if (code != OK)
        return fail(e, code, "%s", why.text);
    return OK;
}

enum code doctor_clock(struct doctor *d, struct error *e)
{
    struct journal_head head;
    struct journal_event *last;
    size_t count;
    char at[INSTANT_TEXT];
    TRY(journal_head(d->tx, &head, e));
    if (head.size == 0)
        return OK;
    TRY(journal_list(d->tx, head.size - 1, STR(""), 1, d->arena, &last, &count, e));
    if (count && last[0].entry.when.us > world_now(d->world).us + 60 * 1000000LL)
        doctor_find(d, DOCTOR_ERROR, "timedatectl set-ntp true",
                    "the clock is behind: the last event is of %s",
                    instant_format(last[0].entry.when, at));
    return OK;
}

enum code doctor_references(struct doctor *d, struct error *e)
{
    int64_t pending, indexed;
    struct party_id catalogue = world_catalogue(d->world);
    TRY(registry_reference_count(d->tx, catalogue, REFERENCE_PENDING, &pending, e));
    TRY(registry_reference_count(d->tx, catalogue, REFERENCE_INDEXED, &indexed, e));
    if (pending)
        doctor_find(d, DOCTOR_WARNING, "licet reference add FILE... once more",
                    "%" PRId64 " references were begun and are not searchable", pending);
    if (!indexed)
        doctor_find(d, DOCTOR_WARNING, "licet reference add FILE...",
                    "nothing is enrolled, so nothing is recognised");
    return OK;
}

enum code doctor_uploads(struct doctor *d, struct error *e)
{
    struct upload_filter received = UPLOADS_ALL, all = UPLOADS_ALL;
    struct upload *list;
    size_t count;
    received.state = UPLOAD_RECEIVED;
    TRY(media_upload_list(d->tx, &received, d->arena, &list, &count, e));
    if (count && world_now(d->world).us - list[0].received.us > 10 * 60 * 1000000LL)
        doctor_find(d, DOCTOR_WARNING, "licet serve",
                    "uploads wait to be heard, and no server is at it");
    all.newest_first = true;
    TRY(media_upload_list(d->tx, &all, d->arena, &list, &count, e));
    for (size_t i = 0; i < count; i++) {
        char id[ID_TEXT];
        if (list[i].blob && !media_blob_has(world_blobs(d->world), list[i].blob))
            doctor_find(d, DOCTOR_ERROR, "licet restore FOLDER --data NEW",
                        "the bytes of %s are gone", upload_id_format(list[i].id, id));
    }
    return OK;
}

enum code doctor_networks(struct doctor *d, struct error *e)
{
    struct network_id first = { { 0 } };
    struct network *networks;
    size_t count;
    TRY(access_network_list(d->tx, first, PAGE_MOST, d->arena, &networks, &count, e));
    if (!count)
        doctor_find(d, DOCTOR_WARNING, "licet network add SLUG",
                    "there is no network to upload to");
    for (size_t i = 0; i < count; i++) {
        struct app_id none = { { 0 } };
        struct app *apps;
        size_t n;
        TRY(access_app_list(d->tx, networks[i].id, none, 1, d->arena, &apps, &n, e));
        if (!n)
            doctor_find(d, DOCTOR_WARNING,
                        arena_format(d->arena, "licet app add SLUG --network %s", networks[i].slug),
                        "the network %s has no app: every verdict is deny", networks[i].slug);
    }
    return OK;
}

enum code doctor_claims(struct doctor *d, struct error *e)
{
    struct recording_id first = { { 0 } };
    struct recording *recordings;
    size_t count, bare = 0;
    const char *example = NULL;
    struct party_id anybody = { { 0 } }, catalogue = world_catalogue(d->world);
    TRY(registry_recording_list(d->tx, catalogue, first, PAGE_MOST, d->arena, &recordings, &count,
                                e));
    for (size_t i = 0; i < count; i++) {
        struct claim_id none = { { 0 } };
        struct claim *claims;
        size_t n;
        ARENA(a);
        TRY(registry_claim_list(d->tx, catalogue, recordings[i].id, anybody, none, 1, &a, &claims,
                                &n, e));
        bare += n == 0;
        if (n == 0 && !example)
            example = recordings[i].title;
    }
    if (bare)
        doctor_find(d, DOCTOR_WARNING, "licet catalogue import FILE",
                    "nobody claims %zu of the first %zu recordings, among them \"%s\"", bare, count,
                    example ? example : "");
    return OK;
}

enum code doctor_licences(struct doctor *d, struct error *e)
{
    struct licence_id after = { { 0 } };
    struct party_id anybody = { { 0 } };
    struct instant now = world_now(d->world);
    for (size_t count = PAGE_MOST; count == PAGE_MOST;) {
        struct licence *page;
        ARENA(a);
        TRY(licence_list(d->tx, world_catalogue(d->world), anybody, after, PAGE_MOST, &a, &page,
                         &count, e));
        for (size_t i = 0; i < count; i++) {
            char until[INSTANT_TEXT];
            instant_format(page[i].until, until);
            if (page[i].until.us <= now.us)
                doctor_find(d, DOCTOR_WARNING, "licet licence import FILE",
                            "the licence \"%s\" ended at %s", page[i].name, until);
            else if (page[i].until.us - now.us < 30 * DAY_US)
                doctor_find(d, DOCTOR_WARNING, "licet licence import FILE",
                            "the licence \"%s\" ends at %s", page[i].name, until);
        }
        if (count)
            after = page[count - 1].id;
    }
    return OK;
}

enum code doctor_keys(struct doctor *d, struct error *e)
{
    struct app_key_id first = { { 0 } };
    struct app_id any = { { 0 } };
    struct app_key *keys;
    size_t count;
    struct instant now = world_now(d->world);
    TRY(access_key_list(d->tx, any, first, PAGE_MOST, d->arena, &keys, &count, e));
    for (size_t i = 0; i < count; i++) {
        char id[ID_TEXT], until[INSTANT_TEXT];
        const struct app_key *k = &keys[i];
        app_key_id_format(k->id, id);
        instant_format(k->until, until);
        if (!k->revoked && k->until.us - 14 * DAY_US < now.us)
            doctor_find(d, DOCTOR_WARNING, arena_format(d->arena, "licet key add %s ...", k->name),
                        "the key %s (%s) ends at %s", id, k->name, until);
    }
    return OK;
}

enum code doctor_people(struct doctor *d, struct error *e)
{
    struct user_id first = { { 0 } };
    struct network_id here = { { 0 } };
    struct user *users;
    size_t count;
    TRY(access_user_list(d->tx, here, first, PAGE_MOST, d->arena, &users, &count, e));
    for (size_t i = 0; i < count; i++)
        if (users[i].role == ROLE_ADMIN && !users[i].suspended)
            return OK;
    doctor_find(d, DOCTOR_WARNING, "licet user add admin --role admin && licet user link admin",
                "nobody is administrator");
    return OK;
}
