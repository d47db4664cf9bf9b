/* SPDX-License-Identifier: Apache-2.0 */
/* The table of commands. */
#include "cli/commands.h"

#define OPTIONS(...)                                                                               \
    (const struct cli_option[])                                                                    \
    {                                                                                              \
        __VA_ARGS__,                                                                               \
        {                                                                                          \
            NULL, NULL, NULL                                                                       \
        }                                                                                          \
    }

const struct cli_option cli_options[] = {
    { "data", "DIR", "the data folder (else LICET_DATA, /var/lib/licet or ./data)" },
    { "set", "NAME=VALUE", "a setting for this run; may stand several times" },
    { "json", NULL, "print JSON, one object a line" },
    { "quiet", NULL, "no progress" },
    { "help", NULL, "what the command does" },
    { NULL, NULL, NULL },
};

#define WHY                                                                                        \
    {                                                                                              \
        "why", "WORDS", "kept in the journal with the change"                                      \
    }
#define DRY_RUN                                                                                    \
    {                                                                                              \
        "dry-run", NULL, "try everything, keep nothing"                                            \
    }
#define LIST                                                                                       \
    {                                                                                              \
        "list", "FILE", "more files, one a line; - is standard input"                              \
    }
#define JOBS                                                                                       \
    {                                                                                              \
        "jobs", "N", "files decoded at a time (one per core)"                                      \
    }
#define NETWORK                                                                                    \
    {                                                                                              \
        "network", "SLUG", "the network"                                                           \
    }
#define PARTY                                                                                      \
    {                                                                                              \
        "party", "SLUG", "the party"                                                               \
    }
#define NAME                                                                                       \
    {                                                                                              \
        "name", "WORDS", "what people read"                                                        \
    }

#define AT                                                                                         \
    {                                                                                              \
        "at", "TIME", "only what held then: RFC 3339 or a date"                                    \
    }
#define KNOWN_AT                                                                                   \
    {                                                                                              \
        "known-at", "TIME", "as it was known then"                                                 \
    }
#define RECORDING                                                                                  \
    {                                                                                              \
        "recording", "ID", "the recording: rec_... or ISRC"                                        \
    }
#define WORK                                                                                       \
    {                                                                                              \
        "work", "ID", "the work: wrk_... or ISWC"                                                  \
    }
#define RELEASE                                                                                    \
    {                                                                                              \
        "release", "ID", "the release: rls_..., UPC, EAN or GRid"                                  \
    }
#define SOURCE                                                                                     \
    {                                                                                              \
        "source", "SLUG", "the party that told it, where not the party itself"                     \
    }
#define SPAN                                                                                       \
    { "from", "TIME", "when it begins; empty: from ever" },                                        \
    {                                                                                              \
        "until", "TIME", "the first moment at which it holds no more; empty: without end"          \
    }
#define TERRITORIES                                                                                \
    {                                                                                              \
        "territories", "SET", "DE,FR or \"Worldwide -US\" or EU@2019-12-31"                        \
    }
#define TITLE                                                                                      \
    {                                                                                              \
        "title", "WORDS", "its title"                                                              \
    }

#define TABLES                                                                                     \
    { "figures", "FILE", "revenue, subscribers and users: CSV" },                                  \
    {                                                                                              \
        "rates", "FILE", "rates of exchange by day: CSV"                                           \
    }
#define FILTERS                                                                                    \
    { "loops-most", "N", "plays of one recording by one user a day" },                             \
        { "hours-most", "N", "heard by one user a day" },                                          \
        { "plays-most", "N", "by one user a day" },                                                \
        { "users-least", "N", "of a recording that has many plays a day" },                        \
    {                                                                                              \
        "users-of-plays", "N", "so many are many; 100 when left out"                               \
    }

/* Sorted by name, so that groups stand together.
 * name, arguments, least, most, options, help, more, handler */
const struct cli_command cli_commands[] = {
    { "agreement accept", "--network SLUG USER", 1, 1,
      OPTIONS(NETWORK, { "version", "N", "which was accepted; the one in force when left out" }),
      "Record that a user accepted the user agreement", NULL, cli_agreement_accept },
    { "agreement list", "", 0, 0, NULL, "List the versions of the user agreement", NULL,
      cli_agreement_list },
    { "agreement publish", "FILE", 1, 1, NULL, "Publish a version of the user agreement at /terms",
      "A version is never changed. Statements of reasons and suspensions name the one in force.",
      cli_agreement_publish },
    { "agreement show", "[VERSION]", 0, 1, NULL, "Print the user agreement, in force or as it was",
      NULL, cli_agreement_show },
    { "allowance add", "[ID]", 0, 1,
      OPTIONS(PARTY, RECORDING, { "network", "ID", "net_...; every one when left out" },
              { "app", "NAME", "network/app; every one when left out" },
              { "uploader", "NAME", "the network's name for the person" }, SPAN,
              { "words", "WORDS", "the document" }, WHY, DRY_RUN),
      "Let an uploader, an app or a network use a holder's recordings", NULL, cli_thing_add },
    { "allowance list", "", 0, 0, OPTIONS(PARTY, RECORDING, AT, KNOWN_AT), "List allow-lists", NULL,
      cli_thing_list },
    { "allowance withdraw", "ID", 1, 1, OPTIONS(WHY, DRY_RUN), "Take an allowance back", NULL,
      cli_thing_withdraw },
    { "app add", "--network SLUG SLUG", 1, 1,
      OPTIONS(NETWORK, NAME, { "contact", "WORDS", "who develops it" },
              { "model", "WORD", "free (the first time) or subscription: how its listeners pay" },
              { "clip-seconds", "N", "play clips of at most so long; 0: in full" },
              { "download", NULL, "it may download what a licence lets it" },
              { "offline", NULL, "it may keep for offline use what a licence lets it" }, WHY,
              DRY_RUN),
      "Make or change an app of a network",
      "Without --download and --offline the app may do neither.", cli_app_add },
    { "app list", "", 0, 0, OPTIONS(NETWORK), "List apps", NULL, cli_app_list },
    { "app resume", "--network SLUG SLUG", 1, 1, OPTIONS(NETWORK, WHY, DRY_RUN),
      "Let a suspended app play again", NULL, cli_app_resume },
    { "app suspend", "--network SLUG SLUG", 1, 1, OPTIONS(NETWORK, WHY, DRY_RUN),
      "Cut an app off: it gets no verdict but deny", NULL, cli_app_suspend },
    { "backup", "FOLDER", 1, 1,
      OPTIONS({ "verify", NULL, "check every hash of a backup made before" },
              { "files-only", NULL, "without the database, where that is PostgreSQL" }),
      "Copy the data folder while it is in use",
      "FOLDER must be empty or not there. Every file is read back and compared before the manifest "
      "is\nwritten; a backup without its manifest was not finished. It holds the keys: guard it.",
      cli_backup },
    { "catalogue import", "FILE|DIR...", 1, -1, OPTIONS(WHY, DRY_RUN),
      "Import recordings, claims, parties, policies and deals from CSV, JSON or DDEX ERN",
      "A file is told apart by its content. A table is told by its column names "
      "(docs/formats/catalogue-csv.md);\neach bad line is named and left out, the good ones are "
      "kept, and the exit status is 1. An ERN message\n(docs/formats/ern.md) is taken whole or "
      "refused by a named rule, and the exit status is 1. The same file\nagain changes nothing. "
      "With --dry-run a message's differences are printed: + added, ~ changed, - ended.\nOf a "
      "folder every table and message in it is taken.",
      cli_catalogue_import },
    { "claim add", "[ID]", 0, 1,
      OPTIONS(RECORDING, WORK, PARTY,
              { "right", "WORD", "making_available, performing, mechanical, ..." },
              { "share", "N", "per cent" }, TERRITORIES, SPAN, SOURCE, WHY, DRY_RUN),
      "Make a claim, or change the one of this id", NULL, cli_thing_add },
    { "claim history", "ID", 1, 1, NULL, "Print every version of a claim that was known", NULL,
      cli_thing_history },
    { "claim list", "", 0, 0,
      OPTIONS(RECORDING, WORK, PARTY,
              { "right", "WORD", "making_available, performing, mechanical, ..." }, SOURCE, AT,
              KNOWN_AT),
      "List claims", NULL, cli_thing_list },
    { "claim show", "ID", 1, 1, OPTIONS(AT, KNOWN_AT), "Print a claim as JSON", NULL,
      cli_thing_show },
    { "claim withdraw", "ID", 1, 1, OPTIONS(WHY, DRY_RUN),
      "Take a claim back; what was known before stays", NULL, cli_thing_withdraw },
    { "config", "[NAME]", 0, 1, NULL, "Print every setting, its value and where it came from",
      "The flag --set counts before the environment (http.listen is LICET_HTTP_LISTEN), that "
      "before\nDIR/licet.conf, that before the default.",
      cli_config },
    { "deal agree", "--by SIDE DEAL", 1, 1,
      OPTIONS({ "by", "SIDE", "platform or licensor: not the one that made the offer" }, WHY,
              DRY_RUN),
      "Agree to the latest offer: its terms are in force from their first day",
      "Only this changes verdicts. Refused where another deal covers the same uses, apps, "
      "territories and days\nof a licensor.",
      cli_deal_agree },
    { "deal diff", "DEAL [FROM [TO]]", 1, 3, NULL, "Print what changes between two versions",
      "The last two when left out.", cli_deal_diff },
    { "deal list", "", 0, 0, NULL, "List deals and their states", NULL, cli_deal_list },
    { "deal offer", "--by SIDE DEAL FILE", 2, 2,
      OPTIONS({ "by", "SIDE", "platform or licensor" },
              { "draft", NULL, "not yet to the other side" }, WHY, DRY_RUN),
      "Put terms on the table: an offer, a revision or a counter-offer",
      "DEAL is a name; a new one makes a deal. Versions are kept as they are, with who and when.",
      cli_deal_offer },
    { "deal reject", "--by SIDE --reason WORD DEAL", 1, 1,
      OPTIONS({ "by", "SIDE", "platform or licensor" },
              { "reason", "WORD",
                "fee, scope, term, licence_exists, licence_blocked, shares_differ, public_domain, "
                "wrong_addressee or other" },
              WHY, DRY_RUN),
      "Turn the offer at hand down", NULL, cli_deal_reject },
    { "deal show", "DEAL", 1, 1, OPTIONS({ "number", "N", "print the text of this version" }),
      "Print a deal and its versions", NULL, cli_deal_show },
    { "deal terminate", "DEAL", 1, 1,
      OPTIONS({ "at", "TIME", "when; now when left out" }, WHY, DRY_RUN),
      "End a deal before its last day",
      "Terms that renew end with the running term where the days of notice are kept, else with the "
      "next one.",
      cli_deal_terminate },
    { "decide", "--app SLUG --territory CODE UPLOAD", 1, 1,
      OPTIONS({ "app", "SLUG", "the app that asks" },
              { "territory", "CODE", "where the listener is: ISO 3166-1, two letters" }, NETWORK,
              { "use", "WORD", "stream (when left out), preview, download or offline" },
              { "model", "WORD", "free or subscription; the app's when left out" },
              { "at", "TIME", "RFC 3339; now when left out" }, DRY_RUN),
      "Ask for a verdict about an upload or a recording (rec_...)",
      "The verdict is kept with the facts behind it and printed with every reason; the one marked "
      "* decided.\nWith --dry-run it is not kept.",
      cli_decide },
    { "desk simulate", "", 0, 0,
      OPTIONS({ "seed", "N", "what everything is dealt out by; 1 when left out" },
              { "requests", "N", "how many; 4500 when left out" },
              { "founding-case", NULL, "450,000 requests, of which 60,000 are to be turned down" }),
      "Replay made-up removal requests whose truth is known, in a new data folder",
      "Holders, uploads and requests are invented; 2 in 15 requests are to be turned down, each "
      "for "
      "a reason\nthat the records show or a person knows. Each outcome is compared with what the "
      "request was made as;\nthe exit status is 1 where one differs. The same seed in a new folder "
      "gives the same journal. Nothing\nwaits for the disk: a folder whose making was interrupted "
      "is "
      "thrown away.",
      cli_desk_simulate },
    { "doctor", "", 0, 0, OPTIONS({ "deep", NULL, "read every blob and check its hash" }),
      "Look the data folder over; each finding with the command that mends it",
      "The exit status is 1 where an error was found; warnings leave it at 0.", cli_doctor },
    { "evidence", "UPLOAD|FILE", 1, 1,
      OPTIONS({ "reference", "ID", "only matches of this reference (ref_...)" },
              { "out", "DIR", "where to; ./evidence when left out" },
              { "seconds", "N", "length of the sounds; 30 when left out" },
              { "codec", "WORD", "opus, aac or mp3 (when left out)" }),
      "Show what a match rests on: a picture, and both sounds cut where they are aligned",
      "For each match DIR/match-N.svg, each bit of the reference against the upload: time to the "
      "right, "
      "pitch\nupwards, blue where both are the same; DIR/match-N-upload.mp3 and -reference.mp3 "
      "begin at "
      "the same place\nof the music. The reference's sound is there when references.keep_audio was "
      "yes "
      "as it was enrolled.",
      cli_evidence },
    { "exception list", "", 0, 0,
      OPTIONS({ "upload", "ID", "the upload" },
              { "kind", "WORD", "quotation, parody, own_work or licensed" }),
      "List what uploaders claim", NULL, cli_thing_list },
    { "exclusion list", "", 0, 0, OPTIONS({ "reference", "ID", "the reference" }, AT, KNOWN_AT),
      "List spans of references that are not owned", NULL, cli_thing_list },
    { "exclusion withdraw", "ID", 1, 1, OPTIONS(WHY, DRY_RUN),
      "Let a span of a reference be heard again", NULL, cli_thing_withdraw },
    { "explain", "VERDICT", 1, 1, NULL, "Show a verdict again and decide it anew from its facts",
      "The exit status is 9 where the two differ by a byte.", cli_explain },
    { "fingerprint", "FILE...", 0, -1,
      OPTIONS(LIST, JOBS,
              { "out", "DIR", "where to; beside each file when left out; - is standard output" }),
      "Write fingerprint files, which another machine can match",
      "FILE.licetfp holds what is needed to identify the sound or to enrol it as a reference, 5 KB "
      "a "
      "second,\nand not the sound: identify and reference add take it in place of audio. It needs "
      "no "
      "data folder. The\nformat is docs/formats/fingerprint.md.",
      cli_fingerprint },
    { "help", "[COMMAND]", 0, 2,
      OPTIONS({ "man", NULL, "the manual page licet(1)" },
              { "man-settings", NULL, "the manual page licet.conf(5)" },
              { "bash", NULL, "completion for bash" }),
      "Tell what licet or a command does", NULL, cli_help },
    { "identify", "FILE...", 0, -1, OPTIONS(LIST, JOBS),
      "Tell what is in files: which recordings, and where",
      "With --json a line for each file, in the order given: {\"file\", \"seconds\", \"matches\", "
      "\"similar\"},\nthe best match first, an empty list where nothing is known. Similar are "
      "recordings with the same sound as\na match that agree clearly less: other versions, mixes, "
      "shared takes. \"shared\":true in a match says that\nanother match has the very same sound "
      "and "
      "neither is clearly it. A file that cannot be heard "
      "gives {\"file\", \"error\"}, the\nothers go on, and the exit status is 1. "
      "\"undecided\":true says that not all of the catalogue could be\nasked. A file that \"licet "
      "fingerprint\" wrote stands for its sound.\n\n"
      "- is a stream on standard input, in any container that needs no seeking, for as long as it "
      "lasts. With\n--json each event is a line at once: {\"file\":\"-\", \"event\", \"span\", "
      "\"at\", ...} with the members of a\nmatch, times in seconds of the stream. begun: "
      "recognised "
      "for the first time, about 10 s in; confirmed: it\nwill not be withdrawn and its begin is "
      "final; "
      "ended: begin and end are final; withdrawn: it did not\nhold. The last line is "
      "{\"event\":\"finished\", \"seconds\", \"spans\", \"damages\"}. Damage in the middle is "
      "left out.",
      cli_identify },
    { "index check", "", 0, 0,
      OPTIONS({ "mend", NULL, "add what is missing, remove what is too much" }),
      "Verify every byte of the indexes and compare them with the database",
      "Each fingerprint that is kept is read as well. The exit status is 9 where a byte does not "
      "check or a\nrecording is missing or too many; what and where is printed.",
      cli_index_check },
    { "index info", "", 0, 0, NULL, "Tell what the indexes hold: recordings, hours, bytes", NULL,
      cli_index_info },
    { "index rebuild", "", 0, 0, NULL, "Make both indexes anew from the fingerprints kept",
      "Works where an index is damaged or gone. It is made in a folder beside and exchanged at "
      "once: a crash\nleaves the old or the new. Servers and searches go on; enrolments wait for "
      "the exchange only.",
      cli_index_rebuild },
    { "init", "", 0, 0, NULL, "Make a data folder: keys, database, indexes, licet.conf", NULL,
      cli_init },
    { "issue history", "ID", 1, 1, NULL, "Print every version of an issue", NULL,
      cli_thing_history },
    { "issue list", "", 0, 0,
      OPTIONS(RECORDING, WORK, { "state", "WORD", "open, resolved, dismissed or expired" },
              { "kind", "WORD", "over_claim, reference_overlap, double_delivery, ..." }, AT,
              KNOWN_AT),
      "List what holders say that cannot all be true", NULL, cli_thing_list },
    { "issue scan", "", 0, 0, OPTIONS(WHY, DRY_RUN), "Look at all claims for sums over the whole",
      "Changes look by themselves; this is for a catalogue from before, and to be sure.",
      cli_issue_scan },
    { "issue set", "ID", 1, 1,
      OPTIONS({ "owner", "NAME", "who deals with it" },
              { "state", "WORD", "dismissed: as it stands it is no conflict; resolved; open" },
              { "words", "WORDS", "what came of it" }, { "expires", "TIME", "when it runs out" },
              WHY, DRY_RUN),
      "Give an issue an owner, an end, or words", NULL, cli_thing_add },
    { "jobs list", "", 0, 0,
      OPTIONS({ "kind", "WORD", "only of this kind" },
              { "dead", NULL, "only what was given up after too many tries" }),
      "List work that waits to be done", NULL, cli_jobs_list },
    { "jobs retry", "KIND KEY", 2, 2, OPTIONS(DRY_RUN), "Try a job again now, also one given up",
      NULL, cli_jobs_retry },
    { "jobs run", "", 0, 0, NULL, "Do what is due now, without a server", NULL, cli_jobs_run },
    { "journal check", "FILE...", 1, -1,
      OPTIONS({ "key", "HEX", "the key that has to have signed it; its own when left out" }),
      "Check a dossier without the data it was made from",
      "Signature, totals against cases, the sample against its seed, every sampled event against "
      "the "
      "root of\nthe journal. The exit status is 9 where something does not check. "
      "tools/check-dossier.py does the same\nwithout this program.",
      cli_journal_check },
    { "journal head", "", 0, 0, NULL, "Print the journal's head, signed, to be kept elsewhere",
      NULL, cli_journal_head },
    { "journal list", "", 0, 0,
      OPTIONS({ "after", "N", "events behind this number" }, { "limit", "N", "at most so many" },
              { "subject", "ID", "only what was done to this" },
              { "by", "WHO", "only what was done by this person, key or part of the program" }),
      "Print the journal",
      "Persons of the desk stand in it under pseudonyms (person_...), which only this data folder "
      "can\ntell from names: parts of the journal are for outsiders.",
      cli_journal_list },
    { "journal verify", "[HEAD...]", 0, -1, NULL,
      "Compute every hash of the journal again and compare",
      "HEAD: files that \"journal head\" printed; the journal has to continue them. The first "
      "changed, missing\nor moved event is named, and the exit status is 9.",
      cli_journal_verify },
    { "key add", "NAME", 1, 1,
      OPTIONS(NETWORK, { "app", "SLUG", "the app it is for" }, PARTY,
              { "scopes", "WORDS",
                "all, or with commas: decide play upload read catalogue licence desk ledger access "
                "journal; decide,play when left out" },
              { "until", "TIME", "when it ends" }, WHY, DRY_RUN),
      "Make a key for an app, a holder or a script; printed once", NULL, cli_key_add },
    { "key list", "", 0, 0, NULL, "List keys", NULL, cli_key_list },
    { "key renew", "KEY", 1, 1, OPTIONS(WHY, DRY_RUN), "Give a key a new secret; the old one ends",
      NULL, cli_key_renew },
    { "key revoke", "KEY", 1, 1, OPTIONS(WHY, DRY_RUN), "End a key at once", NULL, cli_key_revoke },
    { "licence check", "FILE...", 1, -1, NULL, "Read terms; print them in canonical form",
      "Every mistake is told with line, column and what was expected; the exit status is then 1. "
      "The "
      "first line\nprinted is the hash of the canonical text: comments and blanks do not count.",
      cli_licence_check },
    { "licence compare", "--plays FILE TERMS...", 1, 64,
      OPTIONS({ "plays", "FILE", "plays to price them on: CSV; or a period of those counted here" },
              { "period", "PERIOD", "2026, 2026-Q1, 2026-03 or DAY..DAY; the plays' years else" },
              TABLES,
              { "unlicensed", "RULE", "deny (when left out), preview or full: what is not signed" },
              { "format", "WORD", "table (when left out), csv, json or svg" }),
      "Price offers on the same plays, side by side",
      "Each argument is an offer: A.terms, or A.terms+B.terms, signed together. Printed are what "
      "each "
      "costs by\nlicensor, play and user, who gains against the first offer, what is lost where if "
      "one "
      "is not signed, the\nfee that breaks even, and what most-favoured clauses raise and why.",
      cli_licence_compare },
    { "licence diff", "A B", 2, 2, NULL, "Print what changes from terms A to terms B",
      "Lines \"- clause\" and \"+ clause\", and \"~ old -> new\" where a clause was reworded; "
      "nothing where both say\nthe same.",
      cli_licence_diff },
    { "licence end", "LICENCE", 1, 1, OPTIONS(WHY, DRY_RUN), "Take a licence out of force at once",
      NULL, cli_licence_end },
    { "licence import", "FILE...", 1, -1, OPTIONS(WHY, DRY_RUN), "Import licences from CSV or JSON",
      NULL, cli_licence_import },
    { "licence list", "", 0, 0, OPTIONS(PARTY), "List licences", NULL, cli_licence_list },
    { "licence show", "LICENCE", 1, 1, NULL, "Print a licence as JSON", NULL, cli_licence_show },
    { "licence terms", "LICENCE", 1, 1, NULL, "Print a simple grant as terms",
      "The text that would be offered and agreed in its place (licet deal); add the money and end "
      "the "
      "grant.",
      cli_licence_terms },
    { "migrate", "", 0, 0, NULL, "Bring the database to this program's version", NULL,
      cli_migrate },
    { "network add", "SLUG", 1, 1,
      OPTIONS(NAME, { "unlicensed", "RULE", "deny, preview or full: a share without a licence" },
              { "unmatched", "RULE", "hold, preview or full: nothing was recognised" },
              { "conflict", "RULE",
                "hold, most_restrictive, first_filed, scale or pay_undisputed: shares that do not "
                "add up" },
              { "unheard", "RULE", "deny, preview or full: not heard yet" },
              { "suspended", "RULE", "deny, preview or full: uploads of suspended people" },
              { "closed", "CODES", "territories in which it is closed" }, WHY, DRY_RUN),
      "Make or change a network and the rules it has published",
      "Rules left out are the strictest, or stay as they are.", cli_network_add },
    { "network list", "", 0, 0, NULL, "List networks", NULL, cli_network_list },
    { "notice bulk", "--by WHO MOVE", 1, 1,
      OPTIONS({ "items", "FILE", "ids of items, one a line; those of the queue when left out" },
              { "by", "WHO", "the person who does it" }, { "reason", "WORD", "of the closed list" },
              WHY, DRY_RUN),
      "Make one move on up to 10,000 items, each claimed first; it can be undone for a day", NULL,
      cli_notice_bulk },
    { "notice complain", "--text WORDS ITEM", 1, 1,
      OPTIONS({ "text", "WORDS", "what they say" },
              { "sender", NULL, "by the sender, against a refusal; else by the uploader" }),
      "Enter a complaint against a decision; another person decides it", NULL,
      cli_notice_complain },
    { "notice counter", "--file FILE --reason WORD ITEM", 1, 1,
      OPTIONS({ "file", "FILE", "the counter-notice as it came" },
              { "reason", "WORD", "owner, authorized, no_right, fair_use, not_used or other" }),
      "Enter a complete counter-notice; the clock puts the item back", NULL, cli_notice_counter },
    { "notice decide", "--by WHO ITEM MOVE", 2, 2,
      OPTIONS({ "by", "WHO", "the person who does it" },
              { "reason", "WORD", "needed to turn down; see docs/formats/notice.md" },
              { "claim", NULL, "claim the item first" }, WHY),
      "Move an item: claim, let_go, restrict, decline, schedule, approve, send_back, uphold, "
      "reverse",
      "What is decided is written with its statement to the uploader and its answer to the sender, "
      "and "
      "is\nnever edited: a later decision supersedes it. Under desk.two_person a second person has "
      "to "
      "approve.",
      cli_notice_decide },
    { "notice dispute", "--by WHO ITEM", 1, 1,
      OPTIONS({ "body", "NAME", "opens a dispute before this out-of-court body" },
              { "result", "WORD", "ends it: upheld, reversed, partly or none" },
              { "implemented", NULL, "the result was carried out" },
              { "by", "WHO", "the person who enters it" }),
      "Enter a dispute out of court (DSA, article 21), or its result", NULL, cli_notice_dispute },
    { "notice import", "FILE...", 1, -1,
      OPTIONS({ "proven", NULL, "the senders' mailboxes are known to be theirs" }, DRY_RUN),
      "Receive removal requests from JSON, CSV, a message, an mbox or a Maildir",
      "A line a notice, when it is durable (docs/formats/notice.md, mail.md). A bad one is named "
      "and left "
      "out, "
      "the others\nare received, and the exit status is 1. The same file again changes nothing.",
      cli_notice_import },
    { "notice letters", "", 0, 0, OPTIONS({ "sent", NULL, "mark them as sent" }),
      "Print the letters that wait to be sent, one JSON object a line",
      "For the operator's own mailer: receipts, links to confirm a mailbox, statements of reasons, "
      "answers.\nWithout --sent the first 1,000 are shown and nothing is marked.",
      cli_notice_letters },
    { "notice list", "", 0, 0,
      OPTIONS({ "queue", NULL, "the items that wait for a person, in their order" }),
      "List removal requests", NULL, cli_notice_list },
    { "notice show", "NOTICE|ITEM", 1, 1, NULL, "Show a notice with its items and their evidence",
      NULL, cli_notice_show },
    { "notice undo", "--by WHO BULK", 1, 1, OPTIONS({ "by", "WHO", "the person who does it" }),
      "Undo a bulk act within a day; what was changed since stays", NULL, cli_notice_undo },
    { "notice withdraw", "NOTICE", 1, 1, NULL,
      "Withdraw a notice for its sender: what it restricted is put back", NULL,
      cli_notice_withdraw },
    { "order list", "", 0, 0, NULL, "List the orders of courts and authorities", NULL,
      cli_order_list },
    { "order show", "ORDER", 1, 1, NULL, "Show an order and what it holds", NULL, cli_order_show },
    { "partner list", "", 0, 0, NULL, "List who sends messages, and how they are meant", NULL,
      cli_partner_list },
    { "partner set", "DPID", 1, 1,
      OPTIONS(PARTY, { "omission", "WORD", "ends or refused: a territory that is left out" },
              { "percent", "WORD", "unknown, reference or upload: per cent without a side" },
              { "apps", "LIST", "network/app, with commas: what it is as a distribution channel" },
              WHY, DRY_RUN),
      "Make or change a partner: whose messages a DPID's are, and how they are meant",
      "docs/formats/ern.md. What is left out stays as it is; at first a territory that is left out "
      "ends, and\nper cent without a side are not taken.",
      cli_partner_set },
    { "party add", "SLUG", 1, 1,
      OPTIONS(NAME, { "dpid", "ID", "DDEX party id" }, { "isni", "ID", "ISNI" },
              { "ipi", "ID", "IPI name number" }, WHY, DRY_RUN),
      "Make or change a party", NULL, cli_party_add },
    { "party list", "", 0, 0, OPTIONS(AT, KNOWN_AT), "List parties", NULL, cli_party_list },
    { "plays batch", "--producer NAME FILE", 1, 1,
      OPTIONS({ "producer", "NAME", "who counted them" },
              { "sequence", "N", "of the first batch; 0 when left out" },
              { "corrects", "N", "the earlier batch that this file replaces" }, DRY_RUN),
      "Take plays in batches of 500, each once by producer and sequence, from CSV",
      "Columns: recording (ISRC or id), app (network/app or id), territory, at, played_ms, and "
      "where "
      "known model,\nkind, user (a number). Sent again a batch is known; with other plays it is "
      "refused.",
      cli_plays_batch },
    { "plays filter", "PERIOD", 1, 1, OPTIONS(FILTERS),
      "Print how many plays of batches a filter would leave out, and why",
      "Plays beyond a limit are left out, the first ones stay; of a recording with too few users "
      "all "
      "are.",
      cli_plays_filter },
    { "plays import", "FILE...", 1, -1, OPTIONS(DRY_RUN), "Count plays that apps report, from CSV",
      "Columns: id (the app's own name of the play), verdict, played_ms, at. A play told twice "
      "counts once;\neach bad line is named and left out, and the exit status is 1.",
      cli_plays_import },
    { "policy add", "[ID]", 0, 1,
      OPTIONS(PARTY, RECORDING, { "action", "WORD", "block, monetize or report" },
              { "conditions", "WORDS",
                "\"seconds > 30 & percent_of_upload >= 50\", \"seconds in 30-60 > 10\"" },
              TERRITORIES, { "apps", "LIST", "network/app, with commas; all when left out" },
              { "except-apps", "LIST", "where it does not hold" }, SPAN, SOURCE, WHY, DRY_RUN),
      "Make a policy, or change the one of this id", NULL, cli_thing_add },
    { "policy history", "ID", 1, 1, NULL, "Print every version of a policy that was known", NULL,
      cli_thing_history },
    { "policy list", "", 0, 0,
      OPTIONS(PARTY, RECORDING, { "action", "WORD", "block, monetize or report" }, AT, KNOWN_AT),
      "List policies", NULL, cli_thing_list },
    { "policy show", "ID", 1, 1, OPTIONS(AT, KNOWN_AT), "Print a policy as JSON", NULL,
      cli_thing_show },
    { "policy withdraw", "ID", 1, 1, OPTIONS(WHY, DRY_RUN),
      "Take a policy back; what was known before stays", NULL, cli_thing_withdraw },
    { "recording add", "[ID]", 0, 1,
      OPTIONS({ "isrc", "ID", "its ISRC" }, TITLE, { "artist", "WORDS", "who plays" },
              { "duration-ms", "N", "how long it is" }, WHY, DRY_RUN),
      "Make a recording, or change the one of this id", NULL, cli_thing_add },
    { "recording history", "ID", 1, 1, NULL, "Print every version of a recording that was known",
      NULL, cli_thing_history },
    { "recording list", "", 0, 0, OPTIONS(AT, KNOWN_AT), "List recordings", NULL,
      cli_recording_list },
    { "recording show", "ID", 1, 1, OPTIONS(AT, KNOWN_AT), "Print a recording as JSON", NULL,
      cli_thing_show },
    { "recording-work add", "[ID]", 0, 1,
      OPTIONS(RECORDING, WORK, { "share", "N", "per cent of the recording, in a medley" }, WHY,
              DRY_RUN),
      "Make which work a recording is of, or change the one of this id", NULL, cli_thing_add },
    { "recording-work history", "ID", 1, 1, NULL,
      "Print every version of which work a recording is of that was known", NULL,
      cli_thing_history },
    { "recording-work list", "", 0, 0, OPTIONS(RECORDING, WORK, AT, KNOWN_AT),
      "List which works recordings are of", NULL, cli_thing_list },
    { "recording-work show", "ID", 1, 1, OPTIONS(AT, KNOWN_AT),
      "Print which work a recording is of as JSON", NULL, cli_thing_show },
    { "recording-work withdraw", "ID", 1, 1, OPTIONS(WHY, DRY_RUN),
      "Take which work a recording is of back; what was known before stays", NULL,
      cli_thing_withdraw },
    { "reference add", "FILE...", 0, -1,
      OPTIONS(LIST, JOBS, PARTY, { "recording", "ID", "attach the one file to this recording" }),
      "Enrol audio, so that it is recognised",
      "Title, artist and ISRC come from the tags, else the title is the file's name; a line of the "
      "list may be\nFILE<TAB>ISRC. A reference is searchable when its line is printed; earlier "
      "uploads are compared with\nit. Running it again goes on where it was left. A data folder "
      "that is not there is made.",
      cli_reference_add },
    { "reference exclude", "--kind WORD REFERENCE", 1, 1,
      OPTIONS({ "from-ms", "N", "where the span begins" }, { "until-ms", "N", "where it ends" },
              { "kind", "WORD", "sample, loop, silence, speech, public_domain or other" },
              { "words", "WORDS", "what it is" }, WHY, DRY_RUN),
      "Leave out a span that its holder does not own",
      "Matches count without it at once, also in uploads heard before; licet exclusion withdraw "
      "undoes it.",
      cli_reference_exclude },
    { "reference list", "", 0, 0, OPTIONS(AT, KNOWN_AT), "List references", NULL,
      cli_reference_list },
    { "reference withdraw", "--why WORDS REFERENCE...", 1, -1, OPTIONS(WHY),
      "Stop recognising references; uploads are judged again", NULL, cli_reference_withdraw },
    { "relation add", "[ID]", 0, 1,
      OPTIONS(RECORDING, { "kind", "WORD", "remaster, edit, live, sample, remix, cover or same" },
              { "of", "ID", "the other recording" }, WHY, DRY_RUN),
      "Make what a recording is of another, or change the one of this id", NULL, cli_thing_add },
    { "relation history", "ID", 1, 1, NULL,
      "Print every version of what a recording is of another that was known", NULL,
      cli_thing_history },
    { "relation list", "", 0, 0,
      OPTIONS(RECORDING, { "of", "ID", "the other recording" }, AT, KNOWN_AT),
      "List relations of recordings", NULL, cli_thing_list },
    { "relation show", "ID", 1, 1, OPTIONS(AT, KNOWN_AT),
      "Print what a recording is of another as JSON", NULL, cli_thing_show },
    { "relation withdraw", "ID", 1, 1, OPTIONS(WHY, DRY_RUN),
      "Take what a recording is of another back; what was known before stays", NULL,
      cli_thing_withdraw },
    { "release add", "[ID]", 0, 1,
      OPTIONS(TITLE, { "artist", "WORDS", "whose it is" }, { "gtin", "ID", "UPC or EAN" },
              { "grid", "ID", "GRid" },
              { "kind", "WORD", "album, single, ep, compilation, track or other" }, PARTY, SPAN,
              WHY, DRY_RUN),
      "Make a release, or change the one of this id", NULL, cli_thing_add },
    { "release history", "ID", 1, 1, NULL, "Print every version of a release that was known", NULL,
      cli_thing_history },
    { "release list", "", 0, 0, OPTIONS(PARTY, AT, KNOWN_AT), "List releases", NULL,
      cli_thing_list },
    { "release show", "ID", 1, 1, OPTIONS(AT, KNOWN_AT), "Print a release as JSON", NULL,
      cli_thing_show },
    { "release withdraw", "ID", 1, 1, OPTIONS(WHY, DRY_RUN),
      "Take a release back; what was known before stays", NULL, cli_thing_withdraw },
    { "report archive", "", 0, 0,
      OPTIONS({ "out", "FILE", "where to write it; standard output when left out" },
              { "service", "NAME", "who received the notices" },
              { "from", "TIME", "notices received from then on; all when left out" },
              { "until", "TIME", "... and before then" }),
      "Write notices for a public archive: one JSON object a line, without personal data", NULL,
      cli_report_archive },
    { "report check-statements", "FILE...", 1, -1, NULL,
      "Check statements of reasons against the published rules", NULL,
      cli_report_check_statements },
    { "report dossier", "--out FILE", 0, 0,
      OPTIONS({ "out", "FILE", "where to write it" },
              { "from", "TIME", "notices received from then on; all when left out" },
              { "until", "TIME", "... and before then" },
              { "sample", "N", "cases shown in full with their proofs; 200 when left out" },
              { "beacon", "TEXT", "public randomness drawn after the period closed" }),
      "Write one signed file with every case of a period, for outsiders to check",
      "Totals by reason and sender, times, a line for each request, and a drawn sample with the "
      "events of\nthe journal and their proofs (docs/formats/dossier.md). Without --beacon the "
      "sample "
      "is drawn from the\nroot of the journal alone.",
      cli_report_dossier },
    { "report events", "FIGURE", 1, 1,
      OPTIONS({ "from", "TIME", "notices received from then on; all when left out" },
              { "until", "TIME", "... and before then" }),
      "List the events of the journal that a figure is made of, and how often each counts", NULL,
      cli_report_events },
    { "report figures", "", 0, 0, NULL, "List the names of figures", NULL, cli_report_figures },
    { "report harmonised", "--out FOLDER --service NAME --from DAY --until DAY", 0, 0,
      OPTIONS({ "out", "FOLDER", "where to write the eleven sheets, and traces.csv" },
              { "service", "NAME", "the service reported on" },
              { "provider", "NAME", "its provider; the service's name when left out" },
              { "from", "DAY", "the first day" }, { "until", "DAY", "the day after the last" },
              { "published", "DAY", "of publication" }, { "before", "DAY", "of the report before" },
              { "moderators", "N", "employed" }, { "contracted", "N", "moderators contracted" },
              { "recipients", "N", "average monthly active recipients" },
              { "very-large", NULL, "fill in what only very large platforms tell" }),
      "Write the harmonised transparency report of the EU: eleven sheets as CSV",
      "Every cell that has a figure is named in traces.csv; \"licet report events\" lists the "
      "events "
      "of a figure.",
      cli_report_harmonised },
    { "report monthly", "", 0, 0,
      OPTIONS({ "out", "FILE", "where to write it; standard output when left out" },
              { "from", "TIME", "notices received from then on; all when left out" },
              { "until", "TIME", "... and before then" }),
      "Requests by month, net of what was retracted and reversed, as CSV", NULL,
      cli_report_monthly },
    { "report publish", "--from DAY --until DAY", 0, 0,
      OPTIONS({ "from", "DAY", "the first day" }, { "until", "DAY", "the day after the last" }),
      "Publish the figures of a period at /transparency",
      "They are computed once, from the journal, and kept with the events of each figure; the same "
      "period\npublished again is another version. The period must be over. The clock of the "
      "year's "
      "report stops.",
      cli_report_publish },
    { "report published", "", 0, 0, NULL, "List the reports that were published", NULL,
      cli_report_published },
    { "report statements", "", 0, 0,
      OPTIONS({ "out", "FILE", "where to write it; standard output when left out" },
              { "from", "TIME", "restrictions from then on; all when left out" },
              { "until", "TIME", "... and before then" }),
      "Write statements of reasons for the EU's transparency database",
      "Bodies of at most 100 statements, one a line, each checked against the published rules; the "
      "puid is the\ndecision's id, so that a body can be sent again.",
      cli_report_statements },
    { "report transparency", "", 0, 0,
      OPTIONS({ "out", "FILE", "where to write it; standard output when left out" },
              { "from", "TIME", "notices received from then on; all when left out" },
              { "until", "TIME", "... and before then" }),
      "Figures about removal requests, computed from the journal, as CSV", NULL,
      cli_report_transparency },
    { "restore", "FOLDER", 1, 1, OPTIONS(DRY_RUN), "Make a data folder from a backup",
      "The data folder must be empty or not there. A backup of which a byte was changed is "
      "refused.",
      cli_restore },
    { "sender list", "", 0, 0, NULL, "List who sends notices, with their measured record", NULL,
      cli_sender_list },
    { "sender put", "MAILBOX", 1, 1,
      OPTIONS(NAME, { "proofs", "WORDS", "added: mailbox, domain, key, document, repertoire" },
              PARTY, { "mandate", "SLUG", "a party they may act for" },
              { "document", "TEXT", "what shows it" },
              { "trusted", NULL, "a trusted flagger (DSA art. 22)" },
              { "suspend", NULL, "do not process their notices for a while" },
              { "resume", NULL, "process them again" }, WHY),
      "Say how a sender of notices is known", NULL, cli_sender_put },
    { "sender show", "SENDER", 1, 1, NULL, "Show a sender, by id or mailbox", NULL,
      cli_sender_show },
    { "serve", "", 0, 0, NULL, "Serve the API and the pages until told to stop",
      "Prints one line when it answers; logs go to standard error. One server holds a data folder; "
      "other\ncommands may run beside it. Ends on SIGTERM or SIGINT when what is under way is "
      "finished.",
      cli_serve },
    { "source add", "[ID]", 0, 1,
      OPTIONS(PARTY, { "state", "WORD", "probation, trusted or suspended" },
              { "most", "N", "uploads it may act on while on probation" },
              { "words", "WORDS", "who looked, and why" }, WHY, DRY_RUN),
      "Say how far a source of references is trusted",
      "A party without a row is on probation with claims.probation_uploads.", cli_thing_add },
    { "source list", "", 0, 0,
      OPTIONS(PARTY, { "state", "WORD", "probation, trusted or suspended" }, AT, KNOWN_AT),
      "List sources of references", NULL, cli_thing_list },
    { "statement balance", "", 0, 0, NULL, "Print the balance of every account",
      "Debits less credits; they sum to zero in each currency.", cli_statement_balance },
    { "statement claims", "FILE...", 1, -1, NULL, "Read what licensors claim of sales reports",
      "Claim detail messages and notices of over-claims (docs/formats/cdm.md). Printed are the "
      "claims "
      "of all files\ntogether, by resource and territory, beside what was stated; the exit status "
      "is 1 "
      "where that is exceeded.",
      cli_statement_claims },
    { "statement close", "DEALS PERIOD", 2, 2,
      OPTIONS(
          TABLES,
          { "over-claimed", "RULE", "hold (when left out), scale, first_filed, pay_undisputed" },
          FILTERS, WHY, DRY_RUN),
      "State what is due under deals for whole accounting periods",
      "DEALS are names with commas between, or \"all\": plays are read once for all of them. "
      "Closing a period again\nstates the difference to what was stated, or nothing. Figures and "
      "rates go back to the first day of the terms.",
      cli_statement_close },
    { "statement explain", "STATEMENT LINE", 2, 2, NULL,
      "Print what a line of a statement rests on",
      "LINE is its number in the order of \"statement show\", from 1: the clause as it was agreed, "
      "each step of the\nfee with rates, figures and shares, how it was split, and the plays by "
      "day and by batch.",
      cli_statement_explain },
    { "statement export", "STATEMENT", 1, 1,
      OPTIONS({ "format", "WORD", "csv (when left out), html, dsr or dsr-audio" },
              { "to", "FOLDER", "write a file there; printed when left out" }),
      "Write a statement down to recordings, as a page to print, or as a sales report", NULL,
      cli_statement_export },
    { "statement list", "", 0, 0, OPTIONS(PARTY), "List statements", NULL, cli_statement_list },
    { "statement pay", "PARTY CURRENCY AMOUNT", 3, 3,
      OPTIONS({ "statement", "ID", "the statement that it is for" },
              { "paid-in", "CURRENCY", "another one than it is owed in" },
              { "rates", "FILE", "rates of exchange by day (docs/formats/usage-csv.md)" },
              { "on", "DAY", "the day of the payment; today when left out" }, WHY, DRY_RUN),
      "Note a payment to a licensor",
      "More than is payable, or than is open of the statement, is refused. Paid in another "
      "currency, "
      "what the rate has\nchanged since the statement's last day is booked as a gain or a loss.",
      cli_statement_pay },
    { "statement show", "STATEMENT", 1, 1, NULL, "Print a statement and its lines", NULL,
      cli_statement_show },
    { "statement verify", "STATEMENT...", 1, -1, NULL,
      "Compute statements again from what their close read, and compare",
      "Plays, claims and terms are those that were known then; the exit status is 1 where a byte "
      "differs.",
      cli_statement_verify },
    { "track add", "[ID]", 0, 1,
      OPTIONS(RELEASE, RECORDING, { "volume", "N", "the disc, from 1" },
              { "number", "N", "the place on it, from 1" }, TITLE, WHY, DRY_RUN),
      "Make a track of a release, or change the one of this id", NULL, cli_thing_add },
    { "track history", "ID", 1, 1, NULL,
      "Print every version of a track of a release that was known", NULL, cli_thing_history },
    { "track list", "", 0, 0, OPTIONS(RELEASE, RECORDING, AT, KNOWN_AT), "List tracks", NULL,
      cli_thing_list },
    { "track show", "ID", 1, 1, OPTIONS(AT, KNOWN_AT), "Print a track of a release as JSON", NULL,
      cli_thing_show },
    { "track withdraw", "ID", 1, 1, OPTIONS(WHY, DRY_RUN),
      "Take a track of a release back; what was known before stays", NULL, cli_thing_withdraw },
    { "upload", "--network SLUG --user NAME FILE...", 0, -1,
      OPTIONS(NETWORK, { "user", "NAME", "the network's name for the person" },
              { "exception", "WORD",
                "what the person claims: quotation, parody, own_work or licensed" },
              { "words", "WORDS", "... and says of it" }, LIST),
      "Take files as a user's uploads: kept, heard, compared, judged", NULL, cli_upload },
    { "upload-claim history", "ID", 1, 1, NULL, "Print every version of a claim on an upload", NULL,
      cli_thing_history },
    { "upload-claim list", "", 0, 0,
      OPTIONS(
          { "upload", "ID", "the upload" }, RECORDING, PARTY, SOURCE,
          { "state", "WORD",
            "potential, active, disputed, rejected, appealed, takedown, released or withdrawn" },
          AT, KNOWN_AT),
      "List claims on uploads", NULL, cli_thing_list },
    { "upload-claim move", "--event WORD ID", 1, 1,
      OPTIONS({ "event", "WORD",
                "confirm, refuse, dispute, reject, appeal, take_down, release or withdraw" },
              { "reason", "WORD", "of a dispute: quotation, parody, own_work or licensed" },
              { "words", "WORDS", "why" }, WHY, DRY_RUN),
      "Confirm, dispute, answer, appeal or release a claim on an upload", NULL,
      cli_upload_claim_move },
    { "upload-claim show", "ID", 1, 1, OPTIONS(AT, KNOWN_AT), "Print a claim on an upload as JSON",
      NULL, cli_thing_show },
    { "user add", "SLUG", 1, 1,
      OPTIONS(NAME,
              { "role", "WORD",
                "admin, operator, moderator, holder, finance, auditor, developer or uploader" },
              NETWORK, PARTY, WHY, DRY_RUN),
      "Make or change a person", NULL, cli_user_add },
    { "user link", "SLUG", 1, 1,
      OPTIONS({ "hours", "N", "how long it is good; 24 when left out" }, WHY, DRY_RUN),
      "Print a link by which a person logs in once", NULL, cli_user_link },
    { "user list", "", 0, 0, OPTIONS(NETWORK), "List people", NULL, cli_user_list },
    { "version", "", 0, 0, NULL, "Print the version", NULL, cli_version },
    { "webhook add", "URL", 1, 1,
      OPTIONS(PARTY, NETWORK,
              { "types", "WORDS", "beginnings of types of events, with commas; all when left out" },
              WHY, DRY_RUN),
      "Tell an address what happens; the secret is printed once",
      "Messages are signed as Standard Webhooks says. With --party only what concerns that holder, "
      "with\n--network what concerns that network.",
      cli_webhook_add },
    { "webhook list", "", 0, 0, NULL, "List webhooks", NULL, cli_webhook_list },
    { "webhook remove", "WEBHOOK", 1, 1, OPTIONS(WHY, DRY_RUN), "Tell an address no more", NULL,
      cli_webhook_remove },
    { "webhook replay", "WEBHOOK", 1, 1,
      OPTIONS({ "after", "N", "from behind this event on; the first when left out" }, WHY, DRY_RUN),
      "Send events again; a disabled webhook is switched on", NULL, cli_webhook_replay },
    { "work add", "[ID]", 0, 1, OPTIONS(TITLE, { "iswc", "ID", "its ISWC" }, WHY, DRY_RUN),
      "Make a work, or change the one of this id", NULL, cli_thing_add },
    { "work history", "ID", 1, 1, NULL, "Print every version of a work that was known", NULL,
      cli_thing_history },
    { "work list", "", 0, 0, OPTIONS(AT, KNOWN_AT), "List works", NULL, cli_thing_list },
    { "work show", "ID", 1, 1, OPTIONS(AT, KNOWN_AT), "Print a work as JSON", NULL,
      cli_thing_show },
    { "work withdraw", "ID", 1, 1, OPTIONS(WHY, DRY_RUN),
      "Take a work back; what was known before stays", NULL, cli_thing_withdraw },
    { NULL, NULL, 0, 0, NULL, NULL, NULL, NULL },
};
