/* SPDX-License-Identifier: Apache-2.0 */
/* Reading an ERN message from a stranger, in a confined child. Part of ddex's door. */
#ifndef LICET_DDEX_READER_H
#define LICET_DDEX_READER_H

#include "confine/confine.h"
#include "ddex/message.h"
#include "ddex/rules.h"

/* Memory of the child beyond what the idle host has mapped, whatever the message's size. */
#define ERN_MEMORY_BYTES_MOST (32 << 20)

struct ern_limits {
    int64_t bytes_most;       /* ddex.bytes_most */
    int64_t cpu_seconds_most; /* ddex.cpu_seconds_most */
};
struct ern_limits ern_limits_default(void);
MUST_USE enum code ern_limits_from(const struct settings *s, struct ern_limits *out,
                                   struct error *e);

struct ern_sink {
    void *context;
    /* Each record as it comes (ERN_RECORDS says which struct); it lives until the return. A code
     * other than OK ends the reading with that code and e. */
    enum code (*record)(void *context, enum ern_kind kind, const void *record, struct error *e);
};

struct ern_read {
    bool refused; /* by a rule: `note` */
    struct ern_note note;
    uint64_t bytes, records;
    char digest[65]; /* of all that was read of it */
    int64_t cpu_us;  /* of the child; 0 where there was none */
};

/* The confined host for messages; start it beside audio's, first thing in main. */
MUST_USE enum code ern_host_start(struct confine_host **out, struct error *e);

/* Read the message that begins at fd's offset: a file or a pipe. Its records go to the sink until
 * the end or the first refusal, of which *read tells: what was sunk before it must then be undone.
 * errors  INVALID a rule refused it (read->refused), or it broke the reader; LIMIT; BUSY; the sink's
 * threads any number at once */
MUST_USE enum code ern_read(struct confine_host *h, int fd, const struct ern_limits *limits,
                            const struct ern_sink *sink, struct ern_read *read, struct error *e);

/* The same in this process, from memory: for tests, fuzzing and benches. */
MUST_USE enum code ern_read_here(struct str xml, const struct ern_sink *sink, struct ern_read *read,
                                 struct error *e);

/* Does it begin as XML does (a byte order mark, blanks, '<')? */
bool ern_looks_like(struct str first_bytes);

#endif
