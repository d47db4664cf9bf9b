/* SPDX-License-Identifier: Apache-2.0 */
/* flow: the sentences. One file each: enrol, identify, upload, decide, explain, play, recheck.
 *
 * Callers (cli, api, pages) hand over words as a person or a client writes them: slugs, ids,
 * territories, RFC 3339 times; flow reads them, acts, and answers in structs whose texts live in
 * the caller's arena. Everything that is acknowledged (the call returned OK, or the item's
 * callback said so) is durable.
 *
 * Threads: a world may be shared by threads; each call is complete in itself.
 */
#ifndef LICET_FLOW_FLOW_H
#define LICET_FLOW_FLOW_H

#include "access/access.h"
#include "audio/audio.h"
#include "base/base.h"
#include "ddex/ddex.h"
#include "desk/desk.h"
#include "flow/agreement.h"
#include "flow/maildir.h"
#include "flow/notice.h"
#include "flow/notice_after.h"
#include "flow/report.h"
#include "index/index.h"
#include "ledger/ledger.h"
#include "licence/licence.h"
#include "media/media.h"
#include "policy/policy.h"
#include "registry/registry.h"
#include "store/store.h"

struct world;

struct world_options {
    const char *data;                     /* the data folder */
    const struct settings *settings;      /* borrowed for the world's life */
    struct audio_host *audio;             /* borrowed; NULL where no audio is heard */
    struct confine_host *messages;        /* borrowed; NULL where no ERN is read */
    struct confine_host *mail;            /* borrowed; NULL where no mail is read */
    struct instant (*clock)(void *state); /* NULL: the machine's */
    void *clock_state;
    const struct chance *chance; /* NULL: the system's */
    bool create;                 /* make what is missing: folder, keys, database, indexes */
    bool blind; /* do not open the indexes, which may be damaged: for flow_index_... only */
};

/* Opens database (migrating it), indexes, keys and rights; repairs what a crash left half done.
 * errors  NOT_FOUND no data folder there and not create; BUSY; CORRUPT; IO */
MUST_USE enum code world_open(const struct world_options *o, struct world **out, struct error *e);
void world_close(struct world *w);
static inline void world_free(struct world *w)
{
    world_close(w);
}
OWNED_BY(world)

struct instant world_now(const struct world *w);
const struct chance *world_chance(const struct world *w);
struct store *world_store(const struct world *w);
struct media_blobs *world_blobs(const struct world *w);
struct party_id world_catalogue(const struct world *w); /* the operator */
const char *world_data(const struct world *w);
const struct settings *world_settings(const struct world *w);
/* The secret of app keys and links (32 bytes), and the journal's signing key (64 + 32). */
const uint8_t *world_master_key(const struct world *w);
const uint8_t *world_sign_secret(const struct world *w);
const uint8_t *world_sign_public(const struct world *w);

/* Hold the data folder for a server: errors BUSY another server has it, named by process id.
 * Released by world_close. */
MUST_USE enum code world_serve_lock(struct world *w, struct error *e);
/* See what other processes changed (rights, indexes); cheap when nothing did. A server calls it
 * every few milliseconds from one thread. */
MUST_USE enum code world_follow(struct world *w, struct error *e);

/* --- change: records of registry, licence and access ---------------------------------------- */

/* A change of records: begin, call the rooms' put with &c.act (its tx is the transaction), commit.
 * On commit verdicts follow. CHANGE(c) is rolled back on every way out unless committed. */
struct change {
    struct registry_act act;
    struct world *world;
    bool books_only; /* statements, payments: nothing that a verdict rests on */
};
MUST_USE enum code flow_change_begin(struct world *w, struct str who, struct str why,
                                     struct change *out, struct error *e);
MUST_USE enum code flow_change_commit(struct change *c, struct error *e);
void flow_change_done(struct change *c);
struct access_act flow_change_access(const struct change *c); /* the same act, for access */
#define CHANGE(name) __attribute__((cleanup(flow_change_done))) struct change name = { 0 }

/* The territories in which a network is closed, in the way they are kept: "EU -DE" as its states.
 * errors  INVALID not a set of territories: a snapshot could not be made with it */
MUST_USE enum code flow_network_closed(struct arena *a, const char **closed, struct error *e);

/* --- deals: what is agreed becomes licences ------------------------------------------------- */

/* Agree, in the caller's change, to the latest offer of a deal (its name or id): its terms become
 * licences of the licensors, in force from its first day.
 * errors  NOT_FOUND the deal, or a party, network, app or recording that the terms name (with line
 *         and column); CONFLICT as deal_agree */
MUST_USE enum code flow_deal_agree(struct change *c, struct str name, enum deal_side side,
                                   struct arena *a, struct deal *out, struct error *e);

/* A simple grant as the terms that would be agreed in its place; without money, which it has not.
 * errors  NOT_FOUND; INVALID it begins or ends within a day; its recording has no ISRC */
MUST_USE enum code flow_licence_terms(struct store_tx *tx, struct party_id catalogue,
                                      struct licence_id id, struct arena *a, struct terms *out,
                                      struct error *e);

/* --- usage and statements -------------------------------------------------------------------- */

struct usage_options {
    struct day from, until;
    enum right right; /* whose claims make holders */
    enum over_rule rule;
    const struct play_filter
        *filter;      /* NULL: none; else plays of batches are looked at one by one */
    bool details;     /* the roll is kept, for the lines of statements */
    bool users;       /* by user, for shares by user */
    int zone_minutes; /* days begin at midnight so far east of UTC */
    const struct terms *const *limited; /* terms whose repertoire the rows are to tell */
    size_t limited_count;
    unsigned threads;     /* 0: one for each core; the numbers are the same with any */
    struct instant known; /* claims and plays as they were known then; 0: as known now */
};
struct usage_loaded {
    struct cube *cube; /* the caller's: cube_init before, cube_done after */
    struct roll *roll; /* the caller's to free, where details were asked for */
    struct ledger_read read;
    int64_t filtered[FILTER_REASON_COUNT];
};
/* Plays of batches, and those told one by one; each with its holders by the claims that held at its
 * moment in the listener's territory. An upload's play counts for the recording that was heard
 * longest in it. */
MUST_USE enum code flow_usage_load(struct store_tx *tx, struct party_id catalogue,
                                   const struct usage_options *o, struct arena *a,
                                   struct usage_loaded *out, struct error *e);
unsigned flow_cores(void);

/* Keep a batch of plays: durable when it returns. Those that come while a commit is under way are
 * committed together. errors  as ledger_batch_put */
MUST_USE enum code flow_batch_put(struct world *w, const struct play_batch *b,
                                  enum batch_outcome *out, struct error *e);

struct close_request {
    struct str deals; /* names or ids with commas between; "all": each that meets the period */
    struct day from, until;
    enum over_rule rule;
    const struct play_filter *filter;
    const struct figure *figures;
    size_t figure_count;
    const struct exchange *exchanges;
    size_t exchange_count;
    unsigned threads; /* 0: one for each core; the bytes are the same with any */
};
struct closed_statement {
    struct statement statement;
    const char *deal, *licensor; /* slug; "-": what is nobody's */
    int64_t due_unfiltered;      /* of the period, without the filter; else as `due_filtered` */
    int64_t due_filtered;        /* of the whole period, whatever was stated before */
};
struct closed {
    const struct closed_statement *statements;
    size_t count; /* 0: all was stated before, and nothing has changed */
    const char *const *notes;
    size_t note_count;
    int64_t filtered[FILTER_REASON_COUNT];
};
/* State what is due under deals for whole accounting periods, in the caller's change: statements,
 * the movements in the books and the journal commit together. Closing a period again states the
 * difference to what was stated, or nothing.
 * errors  CONFLICT not agreed, or without money; INVALID as price_run */
MUST_USE enum code flow_statement_close(struct change *c, const struct close_request *r,
                                        struct arena *a, struct closed *out, struct error *e);

/* Compute a statement again from what its close read, as it was known then.
 * errors  CONFLICT it was closed by an early version, which did not keep that */
struct recomputed {
    struct statement statement, again; /* `again` has sums and hash as computed now */
    struct close_inputs inputs;
    bool same;       /* hash and sums are those that were stated */
    bool plays_same; /* the batches that were read are those of then */
};
MUST_USE enum code flow_statement_recompute(struct store_tx *tx, struct party_id catalogue,
                                            struct statement_id id, struct arena *a,
                                            struct recomputed *out, struct error *e);

void recomputed_json(const struct recomputed *x, bool whole, struct json_out *o);

/* One line of a statement with all that it rests on: its clause in the terms that were agreed, what
 * the fee came to and why, how that was split, and the plays, batch by batch and day by day. */
struct explained_plays {  /* of one batch, or of one day */
    const char *producer; /* of a batch; NULL: of a day */
    int64_t sequence;
    struct day day;
    int64_t plays;
    int64_t shares_e8; /* of the licensor in them */
    struct instant first, last;
};
struct line_explained {
    struct statement statement;
    struct statement_line line;
    size_t number, line_count; /* from 1 */
    struct close_inputs inputs;
    int64_t offer;
    const char *deal, *licensor, *terms_title, *terms_hash;
    const char *clause;              /* its lines in the terms */
    const struct currency *currency; /* of the terms */
    size_t licensors;
    int64_t stated_before; /* of this line, in statements of lower numbers */
    /* of a fee */
    bool has_fee;
    int64_t fee_minor; /* the licensor's in the window */
    const struct fee_step *steps;
    size_t step_count;
    int64_t weight_e8, weights_e8; /* of this line's plays, and of all that share the fee */
    const struct explained_plays *batches, *days;
    size_t batch_count, day_count;
    int64_t batch_plays, batch_shares_e8;
};
/* in      line  from 1, in the order in which they are kept
 * errors  NOT_FOUND; CONFLICT as flow_statement_recompute */
MUST_USE enum code flow_line_explain(struct store_tx *tx, struct party_id catalogue,
                                     struct statement_id id, size_t line, struct arena *a,
                                     struct line_explained *out, struct error *e);
/* `whole` false: for the licensor, who is not shown deals of others. */
void line_explained_json(const struct line_explained *x, bool whole, struct json_out *o);
void line_explained_text(const struct line_explained *x, struct buf *out);

/* A statement with all that its reports show. */
struct flow_report {
    struct statement statement;
    struct report_input in;
    struct store_tx *tx; /* `in` reads recordings from it */
    struct party_id catalogue;
    struct arena *a;
};
/* in      out  stays where it is while `in` is used
 * errors  NOT_FOUND */
MUST_USE enum code flow_report_open(struct store_tx *tx, struct party_id catalogue,
                                    struct statement_id id, struct instant now, struct arena *a,
                                    struct flow_report *out, struct error *e);

/* --- enrol: references become searchable -------------------------------------------------- */

struct enrol_item {
    const char *path; /* a file ... */
    const char *file; /* ... and what to call it; NULL: as its path */
    struct str title; /* empty: from the tags, else the file's name */
    struct str artist;
    struct str isrc;      /* empty: from the tags, else none */
    struct str recording; /* rec_...: attach to this recording; empty: find by ISRC, else new */
    struct str party;     /* slug of the holder who delivered it; empty: the operator */
};

struct enrolled {
    struct reference_id reference;
    struct recording_id recording;
    const char *title, *artist, *isrc; /* may be empty */
    double seconds;
    bool known;          /* the same audio was enrolled before: nothing changed */
    size_t rechecked;    /* earlier uploads that were found to contain it */
    size_t overlaps;     /* references of other parties that have the same sound: issues */
    const char *warning; /* NULL, or why the reference may be poor ("only 4.0 s long") */
};

struct enrol_sink {
    void *ctx;
    /* Called once an item, in any order, from one thread at a time. code OK: durable, searchable. */
    void (*item)(void *ctx, size_t number, enum code code, const struct enrolled *r,
                 const struct error *e);
};

/* Enrol files on `jobs` decoders (0: the setting, else one per core). One bad file does not stop
 * the others; *failed counts them. Running it again goes on where it was left: exactly once.
 * errors  only what stops everything: IO, BUSY */
MUST_USE enum code flow_enrol(struct world *w, const struct enrol_item *items, size_t count,
                              unsigned jobs, const struct enrol_sink *sink, size_t *failed,
                              struct error *e);

/* Withdraw a reference: no longer matched at once; uploads judged by it are judged again. */
MUST_USE enum code flow_withdraw(struct world *w, struct str reference, struct str who,
                                 struct str why, struct error *e);

/* --- indexes: what is searched ------------------------------------------------------------- */

enum { INDEXES = 2 }; /* of references, of uploads */

/* What is known of one index. Info leaves the comparison at 0; check fills everything. */
struct index_report {
    const char *name; /* "references", "uploads" */
    enum code code; /* not OK: it cannot be opened, or a byte of it does not check; `error` says */
    struct error error;
    struct index_figures figures;
    int64_t wanted;     /* rows of the database that belong into it */
    int64_t missing;    /* ... and are not there */
    int64_t extra;      /* there without a row */
    int64_t unreadable; /* fingerprints that are gone or do not check */
    struct error unreadable_first;
};

struct index_progress {
    void *ctx;
    void (*step)(void *ctx, int64_t rows);
};

MUST_USE enum code flow_index_info(struct world *w, struct index_report out[INDEXES],
                                   struct error *e);
/* How many rows check and rebuild go through, for the progress. */
MUST_USE enum code flow_index_rows(struct world *w, int64_t *rows, struct error *e);
/* Read and verify every byte of both indexes and of every fingerprint, and compare each key with the
 * database. Changes nothing. What is wrong stands in `out`; errors are what kept it from looking. */
MUST_USE enum code flow_index_check(struct world *w, const struct index_progress *progress,
                                    struct index_report out[INDEXES], struct error *e);
/* Put right what a comparison of every key finds; the reports say what that was. */
MUST_USE enum code flow_index_mend(struct world *w, struct index_report out[INDEXES],
                                   struct error *e);
/* Make both indexes anew from the fingerprints that are kept, in a folder beside, and exchange the
 * folders at once: a crash leaves the old or the new. Searches go on meanwhile, enrolments too until
 * the exchange. Works where the index is damaged, in a world opened with `blind`. */
MUST_USE enum code flow_index_rebuild(struct world *w, const struct index_progress *progress,
                                      struct index_report out[INDEXES], struct error *e);

/* --- fingerprint: what another machine can match ------------------------------------------- */

struct fingerprint_sink {
    void *ctx;
    /* Called in the order of the files given, from one thread at a time. `bytes`: a file in the
     * query form (docs/formats/fingerprint.md), which identify and enrol take in place of audio. */
    void (*file)(void *ctx, size_t number, enum code code, double seconds, struct str bytes,
                 const struct error *e);
};

/* Needs no world: only a decoder and its limits. */
MUST_USE enum code flow_fingerprint(struct audio_host *audio, const struct settings *settings,
                                    const char *const *paths, size_t count, unsigned jobs,
                                    const struct fingerprint_sink *sink, size_t *failed,
                                    struct error *e);

/* --- messages: a label's ERN becomes records ------------------------------------------------ */

struct message_request {
    const char *file;       /* as it is called in reports */
    struct str who, why;    /* for the journal */
    struct party_id holder; /* none: any sender. Else only this party's messages and claims */
    bool dry_run;           /* try everything, keep nothing */
    void *context;
    void (*change)(void *context, const struct ern_change *c); /* each difference; may be NULL */
};

/* One message, whole or not at all: report->outcome tells, a refusal is no error.
 * in      fd  the message begins at its offset
 * errors  INVALID this world reads no messages, or the reader broke; LIMIT; those of the store */
MUST_USE enum code flow_message(struct world *w, int fd, const struct message_request *r,
                                struct arena *a, struct ern_report *report, struct error *e);

/* --- claims on uploads ------------------------------------------------------------------------ */

/* Move one, as one of `movers` (bits 1u << enum mover), in a change that the caller commits; its
 * clock starts or stops with it. Errors as registry_upload_claim_move. */
MUST_USE enum code flow_claim_move(struct change *c, struct upload_claim_id id,
                                   enum upload_claim_event event, unsigned movers,
                                   struct str reason, struct str words, struct arena *a,
                                   struct upload_claim *out, struct error *e);
/* A claim that no match made: upload, recording and party are set. It waits for a person.
 * errors  NOT_FOUND no such upload; INVALID no share in the recording; CONFLICT it is there */
MUST_USE enum code flow_claim_by_hand(struct change *c, struct upload_claim *claim,
                                      struct error *e);

/* --- deliveries: a folder of messages and music, whole or not at all -------------------------- */

struct delivered {
    const char *path; /* from the folder */
    struct ern_report report;
};
struct delivery_report {
    bool taken;                 /* false: nothing of it was, for what one of the messages says */
    struct delivered *messages; /* the manifest first, where there is one */
    size_t count;
    size_t enrolled, known, not_enrolled; /* files of music */
    const char *acknowledgement;          /* the file that was written; NULL on a dry run */
};

/* Is the folder a delivery? It has a manifest or a BatchComplete file, or one message and a folder
 * "resources" beside it. */
MUST_USE enum code flow_delivery_is(struct world *w, const char *folder, bool *is, struct error *e);
/* Every message of the folder in one transaction, its music enrolled, an acknowledgement written
 * into the folder. Again the same changes nothing, and enrols what a crash left out.
 * errors  as flow_message; INVALID no audio is heard here */
MUST_USE enum code flow_delivery(struct world *w, const char *folder,
                                 const struct message_request *r, struct arena *a,
                                 struct delivery_report *report, struct error *e);

/* --- identify: what is in this sound? ------------------------------------------------------ */

struct found {
    struct reference_id reference;
    struct recording_id recording;
    const char *file, *title, *artist, *isrc; /* of the reference; isrc may be empty */
    int64_t reference_ms;                     /* its whole length */
    double query_start, query_end, reference_start, reference_end; /* seconds */
    double speed, pitch_semitones, score, p_false;
    bool shared; /* another match has the same sound then: it cannot be told which was played */
};

struct identified {
    double seconds;
    struct found *matches; /* what was played, best first */
    size_t count;
    struct found
        *similar;         /* recordings that contain the same sound as a match, but agree clearly */
    size_t similar_count; /* less: other versions, mixes, shared takes */
    bool complete;        /* false: undecided, not all of the index could be asked */
    bool truncated;       /* the file ends early; what could be decoded was heard */
};

struct identify_sink {
    void *ctx;
    /* Called in the order of the files given, from one thread at a time. */
    void (*file)(void *ctx, size_t number, enum code code, const struct identified *r,
                 const struct error *e);
};

MUST_USE enum code flow_identify(struct world *w, const char *const *paths, size_t count,
                                 unsigned jobs, const struct identify_sink *sink, size_t *failed,
                                 struct error *e);

/* --- listen: what is in this stream, while it goes on -------------------------------------- */

enum span_event {
    SPAN_BEGUN, /* a recording was recognised for the first time; where it begins may still move */
    SPAN_CONFIRMED, /* so sure that it will not be withdrawn; the begin is final */
    SPAN_ENDED,     /* begin and end are final */
    SPAN_WITHDRAWN  /* what was begun did not hold */
};

struct span_told {
    enum span_event event;
    unsigned number;    /* counted from 1, the same in all events of a span */
    double at;          /* seconds of the stream heard until now */
    struct found match; /* query_start, query_end: seconds of the stream */
};

struct listen_sink {
    void *ctx;
    /* As it happens. A code other than OK ends the listening with it and e. */
    enum code (*span)(void *ctx, const struct span_told *t, struct error *e);
};

struct listened {
    double seconds;
    unsigned spans;  /* that were not withdrawn */
    int32_t damages; /* places that could not be decoded and were left out */
    bool complete;   /* false: at some time not all of the index could be asked */
};

/* Hear a pipe until it ends, in bounded memory; what is enrolled or withdrawn meanwhile counts from
 * then on. */
MUST_USE enum code flow_listen(struct world *w, int fd, const struct listen_sink *sink,
                               struct listened *out, struct error *e);

/* --- upload: a user's file is kept, heard, compared, judged --------------------------------- */

struct upload_request {
    struct str network, user; /* slugs; a user that is new to the network is noted */
    struct app_id app;        /* through which it came; may be none */
    struct str file_name;     /* as the user called it */
    int fd;                   /* the bytes, read from its beginning; borrowed */
    struct str who;           /* acting key or person, for the journal */
    struct str exception;     /* what the uploader claims: quotation, parody, own_work, licensed */
    struct str exception_words; /* ... and says of it; both may be empty */
};

struct uploaded {
    struct upload_id upload;
    struct upload row;       /* as it now stands: state UPLOAD_HEARD, or UPLOAD_FAILED with error */
    struct identified heard; /* what was recognised */
    struct audio_facts audio;
};

/* Durable after the first step: a crash later leaves an upload that is heard on the next start.
 * A file that is not audio, or too long, is an upload of state UPLOAD_FAILED and no error.
 * errors  NOT_FOUND no such network; LIMIT more bytes than audio.bytes_most */
MUST_USE enum code flow_upload(struct world *w, const struct upload_request *r, struct arena *a,
                               struct uploaded *out, struct error *e);
/* Only keep it (state "received") and leave the hearing to flow_hear, which a server's worker
 * calls until *did is false. */
MUST_USE enum code flow_upload_keep(struct world *w, const struct upload_request *r,
                                    struct upload_id *out, struct error *e);
MUST_USE enum code flow_hear(struct world *w, struct upload_id id, struct arena *a,
                             struct uploaded *out, struct error *e);
MUST_USE enum code flow_work_once(struct world *w, bool *did, struct error *e);

/* --- decide and explain --------------------------------------------------------------------- */

struct decide_request {
    struct str subject;   /* upl_... or rec_... */
    struct str network;   /* slug; empty: the app's, else the upload's */
    struct str app;       /* slug of an app of the network */
    struct str territory; /* ISO 3166-1 alpha-2 of the listener */
    struct str use;       /* stream (empty), preview, download, offline */
    struct str model;     /* free, subscription; empty: the app's */
    struct str at;        /* RFC 3339; empty: now */
    bool keep;            /* write it down, so that it can be explained later */
    bool
        bare; /* not kept, and quick: no facts_json, no verdict.reasons or facts; the JSON has all */
};

struct decided {
    struct verdict_id id; /* none where it was not kept */
    struct question asked;
    struct verdict verdict;
    const char *facts_json, *verdict_json; /* canonical */
};

/* Whether the rights are in memory: a question about a recording that is not kept then waits for
 * nothing. Not so until the first world_follow is through. */
bool flow_rights_at_hand(struct world *w);
MUST_USE enum code flow_decide(struct world *w, const struct decide_request *r, struct arena *a,
                               struct decided *out, struct error *e);
/* Each item on its own: codes[i] and errors[i] tell. */
MUST_USE enum code flow_decide_many(struct world *w, const struct decide_request *r, size_t count,
                                    struct arena *a, struct decided *out, enum code *codes,
                                    struct error *errors, struct error *e);

/* One place and many recordings, answered in short from what is kept ready: nothing is written down.
 * `r->subject` is not looked at. out: `count` verdicts */
MUST_USE enum code flow_decide_recordings(struct world *w, const struct decide_request *r,
                                          const struct recording_id *recordings, size_t count,
                                          struct arena *a, struct verdict_brief *out,
                                          struct error *e);

struct explained {
    struct decided stored;   /* as it was given */
    struct decided replayed; /* decided again from the stored facts */
    bool same;               /* byte for byte */
    struct instant at;
};
MUST_USE enum code flow_explain(struct world *w, struct str verdict, struct arena *a,
                                struct explained *out, struct error *e);

/* --- play: a verdict, and a signed link to the right rendition -------------------------------- */

struct play_request {
    struct decide_request ask;
    struct str codec;       /* opus (empty), aac, mp3 */
    const uint8_t *app_key; /* 16 bytes of the asking key, or NULL */
};

struct play_grant {
    struct decided decided;
    const char *path; /* "/m/...", NULL where denied */
    struct instant until;
    int64_t start_ms, length_ms; /* of the upload, what the link plays */
    const char *content_type;
};
MUST_USE enum code flow_play(struct world *w, const struct play_request *r, struct arena *a,
                             struct play_grant *out, struct error *e);

/* --- plays: counted once, against the verdict that allowed them -------------------------------- */

struct plays_from { /* whose key tells; none: an operator's, which may tell for all */
    struct network_id network;
    struct app_id app;
};
struct play_told {
    struct str name;    /* the app's own id of the play: told again it is the same play */
    struct str verdict; /* vrd_... */
    int64_t played_ms;
    struct instant at;
};
struct play_counted {
    struct play_id id;
    enum play_outcome outcome;
    enum code code; /* OK, or why this one was refused */
    struct error error;
};
/* Durable when it returns. Each play on its own: out[i].code tells; the others are counted.
 * errors  only what stops everything: IO, BUSY; then none is counted */
MUST_USE enum code flow_plays(struct world *w, const struct plays_from *from,
                              const struct play_told *told, size_t count, struct play_counted *out,
                              struct error *e);

/* --- work: jobs that were put in the store (src/jobs) ------------------------------------------ */

/* Take the job that is due longest and do it. What fails is given back for later and logged.
 * out  did  false: nothing is due
 * errors  the store cannot be read or written */
MUST_USE enum code flow_job_once(struct world *w, bool *did, struct error *e);
/* Do so on threads of their own until flow_work_stop, which world_close calls too. */
MUST_USE enum code flow_work_start(struct world *w, unsigned threads, struct error *e);
void flow_work_stop(struct world *w);
/* There may be something to do now. */
void flow_work_wake(struct world *w);

/* --- evidence: what a match rests on, for people ------------------------------------------------ */

struct evidence {
    struct match_id id; /* none for a file */
    struct found match;
    const char *name;                                    /* of the upload or file, for people */
    const char *blob;                                    /* of the upload ... */
    const char *path;                                    /* ... or of the file; the other is NULL */
    const char *reference_audio, *reference_fingerprint; /* blobs */
    bool has_reference_sound; /* it was kept, see references.keep_audio */
};

/* Every match of an upload (upl_...), as it was written down, or of a file, heard now.
 * in      reference  ref_...: only those of it; empty: of every one */
MUST_USE enum code flow_evidence(struct world *w, struct str subject, struct str reference,
                                 struct arena *a, struct evidence **out, size_t *count,
                                 struct error *e);

/* An SVG: each bit of the reference against the upload along the line on which they lie, time to
 * the right, bands upwards; the same, different, too weak to tell.
 * errors  NOT_FOUND bytes that were not kept; as audio_decode */
MUST_USE enum code flow_evidence_picture(struct world *w, const struct evidence *x, struct buf *svg,
                                         struct error *e);

enum evidence_side { EVIDENCE_UPLOAD, EVIDENCE_REFERENCE };
/* One of the two sounds from where the match begins, at most so many seconds of the upload.
 * in      fd_out  as audio_render
 * errors  NOT_FOUND the reference's sound was not kept; as audio_render */
MUST_USE enum code flow_evidence_sound(struct world *w, const struct evidence *x,
                                       enum evidence_side side, enum audio_codec codec,
                                       double seconds_most, int fd_out, struct audio_rendered *made,
                                       struct error *e);

/* One match of an upload. errors NOT_FOUND */
MUST_USE enum code flow_evidence_of_match(struct world *w, struct upload_id upload,
                                          struct match_id match, struct arena *a,
                                          struct evidence *out, struct error *e);
/* What pages and API show of it, by name: "picture.svg", "upload.mp3", "reference.mp3".
 * out     type  its media type
 * errors  NOT_FOUND another name, or bytes that were not kept */
MUST_USE enum code flow_evidence_bytes(struct world *w, const struct evidence *x, struct str name,
                                       double seconds_most, struct buf *out, const char **type,
                                       struct error *e);

#include "flow/webhooks.h"

#endif
