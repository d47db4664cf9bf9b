/* SPDX-License-Identifier: Apache-2.0 */
/* A made-up town: holders with recordings, claims and references; senders; uploads as they stand
 * when they have been heard. All names are invented. */
#include "flow/simulate.h"

static enum code town_parties(const struct registry_act *act, struct town *t, struct error *e)
{
    for (int i = 0; i < LABELS + SPECIAL; i++) {
        char slug[32], name[48];
        snprintf(slug, sizeof slug, "label-%02d", i);
        snprintf(name, sizeof name, "Label Number %d", i);
        struct party p = { .slug = slug, .name = name };
        TRY(registry_party_put(act, &p, e));
        t->labels[i] = p.id;
    }
    return OK;
}

static enum code town_claim(const struct registry_act *act, const struct town *t, int label,
                            struct recording_id rec, struct error *e)
{
    struct claim c = { .recording = rec,
                       .party = t->labels[label],
                       .right = RIGHT_MAKING_AVAILABLE,
                       .share_e8 = SHARE_WHOLE_E8,
                       .territories = territory_set_world(),
                       .from = INSTANT_FIRST,
                       .until = INSTANT_NEVER };
    /* the last label holds rights only where the network is closed */
    if (label == LABELS + 1)
        TRY(territory_set_parse(STR("US"), &c.territories, NULL, e));
    return registry_claim_put(act, &c, e);
}

static enum code town_recordings(const struct registry_act *act, struct town *t, struct error *e)
{
    for (int i = 0; i < (LABELS + SPECIAL) * t->per_label; i++) {
        char title[48], artist[48], audio[65];
        int label = i / t->per_label;
        snprintf(title, sizeof title, "Song %d", i);
        snprintf(artist, sizeof artist, "Artist %d", i / 10);
        snprintf(audio, sizeof audio, "%064x", i + 1);
        struct recording r = { .title = title, .artist = artist, .duration_ms = 180000 + i };
        TRY(registry_recording_put(act, &r, e));
        struct reference ref = { .recording = r.id,
                                 .party = t->labels[label],
                                 .file = "simulated",
                                 .audio = audio,
                                 .duration_ms = r.duration_ms,
                                 .state = REFERENCE_INDEXED };
        TRY(registry_reference_put(act, &ref, e));
        TRY(town_claim(act, t, label, r.id, e));
        t->recordings[i] = r.id;
        t->references[i] = ref.id;
    }
    return OK;
}

static enum code town_licence(const struct registry_act *act, const struct town *t, struct error *e)
{
    struct licence l = { .licensor = t->labels[LABELS],
                         .name = "Licence of the simulation",
                         .networks = &t->network,
                         .network_count = 1,
                         .territories = territory_set_world(),
                         .uses = USES_ALL,
                         .models = MODELS_ALL,
                         .from = INSTANT_FIRST,
                         .until = INSTANT_NEVER };
    return licence_put(act, &l, e);
}

/* Each label has an account of its own in the network. */
static enum code town_accounts(const struct access_act *act, const struct town *t, struct error *e)
{
    for (int i = 0; i < LABELS; i++) {
        char slug[32];
        snprintf(slug, sizeof slug, "official-%02d", i);
        struct user u = { .network = t->network,
                          .slug = slug,
                          .name = slug,
                          .role = ROLE_UPLOADER,
                          .party = t->labels[i] };
        TRY(access_user_put(act, &u, e));
    }
    return OK;
}

enum code town_make(struct world *w, int per_label, struct town *out, struct error *e)
{
    CHANGE(c);
    struct town *t = out;
    *t = (struct town) { .per_label = per_label };
    TRY(flow_change_begin(w, STR("simulate"), STR("a made-up town"), &c, e));
    struct access_act access = flow_change_access(&c);
    struct network n = { .slug = "commons", .name = "Commons", .closed = "US" };
    TRY(access_network_put(&access, &n, e));
    t->network = n.id;
    TRY(town_parties(&c.act, t, e));
    TRY(town_recordings(&c.act, t, e));
    TRY(town_licence(&c.act, t, e));
    TRY(town_accounts(&access, t, e));
    return flow_change_commit(&c, e);
}

/* ---- senders ---- */

const char *town_sender(const struct planned_notice *p, char out[80])
{
    switch ((enum plan_kind)p->kind) {
    case PLAN_AGENT:
    case PLAN_INCOMPLETE:
    case PLAN_WITHDRAWN:
        snprintf(out, 80, "copyright@label%02d.example", p->label);
        break;
    case PLAN_LICENSED:
        snprintf(out, 80, "copyright@label%02d.example", LABELS);
        break;
    case PLAN_TERRITORY:
        snprintf(out, 80, "copyright@label%02d.example", LABELS + 1);
        break;
    case PLAN_PERSON:
        snprintf(out, 80, "person%d@people.example", p->sender % PEOPLE);
        break;
    case PLAN_IMPOSTOR:
        snprintf(out, 80, "claims%d@nowhere.example", p->sender % IMPOSTORS);
        break;
    case PLAN_ABUSE:
        snprintf(out, 80, "legal%d@label%02d-records.example", p->sender % 3, p->label);
        break;
    case PLAN_SUSPENDED:
        snprintf(out, 80, "flood%d@mill.example", p->sender % 5);
        break;
    case PLAN_UNREACHABLE:
        snprintf(out, 80, "ghost%d@void.example", p->sender);
        break;
    case PLAN_KINDS:
        break;
    }
    return out;
}

static enum code sender(struct noticing *n, const char *mailbox, const struct party_id *party,
                        unsigned proofs, struct sender **out, struct error *e)
{
    TRY(desk_sender_of(&n->act, str_of(mailbox), str_of(mailbox), out, e));
    (*out)->proofs |= proofs;
    if (party)
        (*out)->party = *party;
    return OK;
}

enum code town_senders(struct noticing *n, const struct town *t, struct error *e)
{
    char box[80];
    struct sender *s;
    for (int i = 0; i < LABELS + SPECIAL; i++) {
        snprintf(box, sizeof box, "copyright@label%02d.example", i);
        TRY(sender(n, box, &t->labels[i],
                   PROOF_MAILBOX | PROOF_DOMAIN | PROOF_DOCUMENT | PROOF_REPERTOIRE, &s, e));
        s->trusted = i % 8 == 0;
    }
    for (int i = 0; i < PEOPLE; i++) {
        snprintf(box, sizeof box, "person%d@people.example", i);
        TRY(sender(n, box, NULL, PROOF_MAILBOX, &s, e));
    }
    for (int i = 0; i < IMPOSTORS; i++) {
        snprintf(box, sizeof box, "claims%d@nowhere.example", i);
        TRY(sender(n, box, NULL, PROOF_MAILBOX, &s, e));
    }
    for (int i = 0; i < LABELS * 3; i++) {
        snprintf(box, sizeof box, "legal%d@label%02d-records.example", i % 3, i / 3);
        TRY(sender(n, box, NULL, PROOF_MAILBOX, &s, e));
    }
    for (int i = 0; i < 5; i++) {
        snprintf(box, sizeof box, "flood%d@mill.example", i);
        TRY(sender(n, box, NULL, PROOF_MAILBOX, &s, e));
        s->state = SENDER_SUSPENDED;
    }
    return OK;
}

/* ---- uploads ---- */

int town_recording(const struct town *t, int label, uint64_t chance)
{
    return label * t->per_label + (int)(chance % (uint64_t)t->per_label);
}

enum code town_upload(struct noticing *n, struct town *t, const char *uploader, bool gone,
                      int heard, struct upload_id *out, struct error *e)
{
    char audio[65];
    uint64_t chance = plan_random(&t->upload_chance);
    snprintf(audio, sizeof audio, "%016llx%016llx%032x", (unsigned long long)chance,
             (unsigned long long)plan_random(&t->upload_chance), 0);
    struct upload u = { .id = upload_id_make(n->act.now, n->act.chance),
                        .network = t->network,
                        .uploader = uploader,
                        .file = "simulated.mp3",
                        .blob = audio,
                        .size_bytes = 4000000,
                        .state = gone ? UPLOAD_WITHDRAWN : UPLOAD_HEARD,
                        .duration_ms = 200000,
                        .received = n->act.now,
                        .heard = n->act.now };
    TRY(media_upload_put(n->act.tx, &u, e));
    *out = u.id;
    if (heard < 0)
        return OK;
    int64_t start = (int64_t)(chance % 20000);
    struct media_match m = { .id = match_id_make(n->act.now, n->act.chance),
                             .upload = u.id,
                             .network = t->network,
                             .reference = t->references[heard],
                             .recording = t->recordings[heard],
                             .upload_from_ms = start,
                             .upload_to_ms = start + 150000,
                             .reference_from_ms = 1000,
                             .reference_to_ms = 151000,
                             .reference_ms = 180000 + heard,
                             .speed = 1,
                             .score = 0.9,
                             .p_false = 1e-12,
                             .found = n->act.now };
    return media_match_put(n->act.tx, &m, e);
}
