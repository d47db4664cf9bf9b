/* SPDX-License-Identifier: Apache-2.0 */
/* The closed lists of the desk: what comes in, what may become of it, and why. Each list is told
 * once, here; SQL, JSON, forms and reports use the words of the second column. */
#ifndef LICET_DESK_WORDS_H
#define LICET_DESK_WORDS_H

#include "base/base.h"

#define CHANNELS(ROW)                                                                              \
    ROW(CHANNEL_FORM, "form")                                                                      \
    ROW(CHANNEL_API, "api")                                                                        \
    ROW(CHANNEL_FILE, "file")                                                                      \
    ROW(CHANNEL_EMAIL, "email")                                                                    \
    ROW(CHANNEL_ACNS, "acns")                                                                      \
    ROW(CHANNEL_COURT, "court")                                                                    \
    ROW(CHANNEL_POST, "post")

/* Under which rules a notice is sent; dsa9 is an authority's order. */
#define REGIMES(ROW)                                                                               \
    ROW(REGIME_DMCA, "dmca")                                                                       \
    ROW(REGIME_DSA16, "dsa16")                                                                     \
    ROW(REGIME_DSA9, "dsa9")                                                                       \
    ROW(REGIME_UK, "uk")                                                                           \
    ROW(REGIME_RU15_2, "ru15_2")                                                                   \
    ROW(REGIME_RU15_7, "ru15_7")                                                                   \
    ROW(REGIME_CONTRACT, "contract")

#define ITEM_KINDS(ROW)                                                                            \
    ROW(KIND_UPLOAD, "upload")                                                                     \
    ROW(KIND_PLAYLIST, "playlist")                                                                 \
    ROW(KIND_PROFILE, "profile")                                                                   \
    ROW(KIND_APP_CLIENT, "app_client")                                                             \
    ROW(KIND_LINK, "link")

#define NOTICE_STATES(ROW)                                                                         \
    ROW(NOTICE_UNPROVEN, "unproven")     /* the sender's mailbox has not answered */               \
    ROW(NOTICE_INCOMPLETE, "incomplete") /* waits for what is missing */                           \
    ROW(NOTICE_OPEN, "open")             /* complete: its items are worked on */                   \
    ROW(NOTICE_CLOSED, "closed")         /* every item is decided; the sender was told */          \
    ROW(NOTICE_LAPSED, "lapsed")         /* nobody completed or confirmed it */                    \
    ROW(NOTICE_WITHDRAWN, "withdrawn")

#define ITEM_STATES(ROW)                                                                           \
    ROW(ITEM_WAITING, "waiting")         /* its notice is not complete */                          \
    ROW(ITEM_OPEN, "open")               /* the machine looks */                                   \
    ROW(ITEM_QUEUED, "queued")           /* for a person */                                        \
    ROW(ITEM_CLAIMED, "claimed")         /* one person has it */                                   \
    ROW(ITEM_HELD_SECOND, "held_second") /* decided once; a second person confirms */              \
    ROW(ITEM_SCHEDULED, "scheduled")     /* the uploader may cure it first */                      \
    ROW(ITEM_RESTRICTED, "restricted")                                                             \
    ROW(ITEM_DECLINED, "declined")                                                                 \
    ROW(ITEM_COUNTERED, "countered")                     /* the put-back clock runs */             \
    ROW(ITEM_KEPT_ACTION_FILED, "kept_action_filed")     /* a court has it */                      \
    ROW(ITEM_COMPLAINED, "complained")                   /* of a restriction, by the uploader */   \
    ROW(ITEM_COMPLAINED_DECLINED, "complained_declined") /* of a refusal, by the sender */         \
    ROW(ITEM_RESTORED, "restored")                                                                 \
    ROW(ITEM_CURED, "cured")                                                                       \
    ROW(ITEM_WITHDRAWN, "withdrawn")                                                               \
    ROW(ITEM_FINAL_RESTRICTED, "final_restricted")                                                 \
    ROW(ITEM_FINAL_DECLINED, "final_declined")                                                     \
    ROW(ITEM_FINAL_RESTORED, "final_restored")

#define ITEM_EVENTS(ROW)                                                                           \
    ROW(EVENT_COMPLETE, "complete")                                                                \
    ROW(EVENT_LAPSE, "lapse")                                                                      \
    ROW(EVENT_RULE_RESTRICT, "rule_restrict")                                                      \
    ROW(EVENT_RULE_DECLINE, "rule_decline")                                                        \
    ROW(EVENT_QUEUE, "queue")                                                                      \
    ROW(EVENT_CLAIM, "claim")                                                                      \
    ROW(EVENT_LET_GO, "let_go")                                                                    \
    ROW(EVENT_LOCK_EXPIRES, "lock_expires")                                                        \
    ROW(EVENT_RESTRICT, "restrict")                                                                \
    ROW(EVENT_DECLINE, "decline")                                                                  \
    ROW(EVENT_SCHEDULE, "schedule")                                                                \
    ROW(EVENT_APPROVE, "approve")                                                                  \
    ROW(EVENT_SEND_BACK, "send_back")                                                              \
    ROW(EVENT_ESCALATE, "escalate")                                                                \
    ROW(EVENT_TIME_RESTRICT, "time_restrict")                                                      \
    ROW(EVENT_CURE, "cure")                                                                        \
    ROW(EVENT_DISPUTE, "dispute")                                                                  \
    ROW(EVENT_CURE_EXPIRES, "cure_expires")                                                        \
    ROW(EVENT_COUNTER, "counter")                                                                  \
    ROW(EVENT_ACTION_FILED, "action_filed")                                                        \
    ROW(EVENT_ACTION_ENDED, "action_ended")                                                        \
    ROW(EVENT_ACTION_WON, "action_won")                                                            \
    ROW(EVENT_PUT_BACK, "put_back")                                                                \
    ROW(EVENT_COMPLAIN, "complain")                                                                \
    ROW(EVENT_UPHOLD, "uphold")                                                                    \
    ROW(EVENT_REVERSE, "reverse")                                                                  \
    ROW(EVENT_REVERSE_PARTLY, "reverse_partly")                                                    \
    ROW(EVENT_UNDO, "undo")                                                                        \
    ROW(EVENT_WITHDRAW, "withdraw")                                                                \
    ROW(EVENT_WINDOW_CLOSES, "window_closes")

#define ACTORS(ROW)                                                                                \
    ROW(ACTOR_MACHINE, "machine")                                                                  \
    ROW(ACTOR_PERSON, "person")                                                                    \
    ROW(ACTOR_TIMER, "timer")                                                                      \
    ROW(ACTOR_SENDER, "sender")                                                                    \
    ROW(ACTOR_UPLOADER, "uploader")

#define OWNERS(ROW)                                                                                \
    ROW(OWNER_NOBODY, "nobody")                                                                    \
    ROW(OWNER_MACHINE, "machine")                                                                  \
    ROW(OWNER_QUEUE, "queue")                                                                      \
    ROW(OWNER_PERSON, "person")                                                                    \
    ROW(OWNER_SECOND, "second")                                                                    \
    ROW(OWNER_SENDER, "sender")                                                                    \
    ROW(OWNER_UPLOADER, "uploader")                                                                \
    ROW(OWNER_CLOCK, "clock")

/* Why: the first four restrict, the others turn down. English and Russian are what is told. */
#define REASONS(ROW)                                                                               \
    ROW(REASON_MATCH, "match", "The named work is in the item, as the evidence shows.",            \
        "Указанное произведение содержится в материале, как показывают доказательства.")           \
    ROW(REASON_REVIEWED, "reviewed", "A person has looked and found the notice justified.",        \
        "Обращение рассмотрено человеком и признано обоснованным.")                                \
    ROW(REASON_ORDER, "order", "A court or an authority has ordered it.",                          \
        "Таково решение суда или органа власти.")                                                  \
    ROW(REASON_DEADLINE, "deadline", "The time that the law gives has run out.",                   \
        "Истёк установленный законом срок.")                                                       \
    ROW(REASON_INCOMPLETE, "incomplete",                                                           \
        "What the law asks of a notice was missing and was not sent in time.",                     \
        "В обращении не хватало обязательных сведений, и они не были присланы в срок.")            \
    ROW(REASON_UNREACHABLE, "unreachable_sender",                                                  \
        "The mailbox given in the notice did not confirm it.",                                     \
        "Отправка не подтверждена с указанного адреса почты.")                                     \
    ROW(REASON_NO_MANDATE, "no_mandate",                                                           \
        "The sender has not shown to act for the holder of the rights.",                           \
        "Отправитель не подтвердил полномочия от правообладателя.")                                \
    ROW(REASON_WRONG_LOCATION, "wrong_location",                                                   \
        "The location names nothing that is hosted here.",                                         \
        "По указанному адресу у нас ничего нет.")                                                  \
    ROW(REASON_ALREADY_GONE, "already_gone", "The item had been removed before.",                  \
        "Материал был удалён раньше.")                                                             \
    ROW(REASON_DUPLICATE, "duplicate", "Another request asked for the same and is dealt with.",    \
        "О том же просит другое обращение, оно рассмотрено.")                                      \
    ROW(REASON_NOT_IN_ITEM, "work_not_in_item",                                                    \
        "The item was compared with the work by ear: the work is not in it.",                      \
        "Материал сравнён с произведением на слух: произведения в нём нет.")                       \
    ROW(REASON_LICENSED, "licensed_here", "The work is licensed to this network.",                 \
        "Произведение лицензировано для этой сети.")                                               \
    ROW(REASON_TERRITORY, "territory_not_covered",                                                 \
        "The sender's rights do not reach the territories of this network.",                       \
        "Права отправителя не действуют на территориях этой сети.")                                \
    ROW(REASON_EXCEPTION, "exception_claimed", "The use is credibly covered by an exception.",     \
        "Использование, вероятно, подпадает под исключение.")                                      \
    ROW(REASON_NOT_PROTECTABLE, "not_protectable", "What is named is not protected by copyright.", \
        "Указанное не охраняется авторским правом.")                                               \
    ROW(REASON_OWN_CONTENT, "own_content", "The item belongs to an account of the principal.",     \
        "Материал размещён самим правообладателем.")                                               \
    ROW(REASON_SENDER_SUSPENDED, "sender_suspended",                                               \
        "Notices of this sender are not processed until the date they were told.",                 \
        "Обращения этого отправителя не рассматриваются до сообщённой ему даты.")                  \
    ROW(REASON_ABUSIVE, "abusive", "The notice is a misuse of the procedure.",                     \
        "Обращение является злоупотреблением процедурой.")                                         \
    ROW(REASON_WITHDRAWN, "withdrawn", "The sender has withdrawn it.", "Отправитель отозвал его.")

/* First come, first served within a class; classes in this order. */
#define CLASSES(ROW)                                                                               \
    ROW(CLASS_ORDER, "order")                                                                      \
    ROW(CLASS_TRUSTED, "trusted")                                                                  \
    ROW(CLASS_VERIFIED, "verified")                                                                \
    ROW(CLASS_KNOWN, "known")                                                                      \
    ROW(CLASS_NEW, "new")

/* Letters: to whom each goes is the second word's business (letters.c). */
#define LETTERS(ROW)                                                                               \
    ROW(LETTER_RECEIPT, "receipt")                                                                 \
    ROW(LETTER_CONFIRM, "confirm_mailbox")                                                         \
    ROW(LETTER_COMPLETE, "complete_notice")                                                        \
    ROW(LETTER_ANSWER, "answer")       /* to the sender, of a notice's decided items */            \
    ROW(LETTER_STATEMENT, "statement") /* of reasons, to the uploader: DSA 17 */                   \
    ROW(LETTER_SCHEDULED, "scheduled")                                                             \
    ROW(LETTER_COUNTER, "counter_forwarded")                                                       \
    ROW(LETTER_RESTORED, "restored")                                                               \
    ROW(LETTER_COMPLAINT, "complaint_decided")                                                     \
    ROW(LETTER_WARNING, "warning")                                                                 \
    ROW(LETTER_SUSPENDED, "suspended")                                                             \
    ROW(LETTER_ORDER, "order_effect")                                                              \
    ROW(LETTER_ALARM, "alarm") /* to the operator: a deadline passed */

#define COUNTER_REASONS(ROW)                                                                       \
    ROW(COUNTER_OWNER, "owner")                                                                    \
    ROW(COUNTER_AUTHORIZED, "authorized")                                                          \
    ROW(COUNTER_NO_RIGHT, "no_right")                                                              \
    ROW(COUNTER_FAIR_USE, "fair_use")                                                              \
    ROW(COUNTER_NOT_USED, "not_used")                                                              \
    ROW(COUNTER_OTHER, "other")

/* Steps by which a sender is known. */
enum sender_proof {
    PROOF_MAILBOX = 1,
    PROOF_DOMAIN = 2,
    PROOF_KEY = 4,
    PROOF_DOCUMENT = 8,
    PROOF_REPERTOIRE = 16
};

#define MEMBER2(name, word)                   name,
#define MEMBER4(name, word, english, russian) name,
enum channel { CHANNELS(MEMBER2) CHANNEL_COUNT };
enum regime { REGIMES(MEMBER2) REGIME_COUNT };
enum item_kind { ITEM_KINDS(MEMBER2) ITEM_KIND_COUNT };
enum notice_state { NOTICE_STATES(MEMBER2) NOTICE_STATE_COUNT };
enum item_state { ITEM_STATES(MEMBER2) ITEM_STATE_COUNT };
enum item_event { ITEM_EVENTS(MEMBER2) ITEM_EVENT_COUNT };
enum actor { ACTORS(MEMBER2) ACTOR_COUNT };
enum owner { OWNERS(MEMBER2) OWNER_COUNT };
enum reason_code { REASONS(MEMBER4) REASON_COUNT };
enum item_class { CLASSES(MEMBER2) CLASS_COUNT };
enum letter { LETTERS(MEMBER2) LETTER_COUNT };
enum counter_reason { COUNTER_REASONS(MEMBER2) COUNTER_REASON_COUNT };
#undef MEMBER2
#undef MEMBER4

const char *channel_word(enum channel c);
const char *regime_word(enum regime r);
const char *item_kind_word(enum item_kind k);
const char *notice_state_word(enum notice_state s);
const char *item_state_word(enum item_state s);
const char *item_event_word(enum item_event v);
const char *actor_word(enum actor a);
const char *owner_word(enum owner o);
const char *reason_word(enum reason_code r);
const char *item_class_word(enum item_class c);
const char *letter_word(enum letter l);
const char *counter_reason_word(enum counter_reason r);
/* The sentence that goes with a reason: 0 English, 1 Russian. */
const char *reason_sentence(enum reason_code r, int russian);
bool reason_restricts(enum reason_code r);

/* errors  INVALID the text lists the words that are taken */
MUST_USE enum code channel_parse(struct str text, enum channel *out, struct error *e);
MUST_USE enum code regime_parse(struct str text, enum regime *out, struct error *e);
MUST_USE enum code item_kind_parse(struct str text, enum item_kind *out, struct error *e);
MUST_USE enum code notice_state_parse(struct str text, enum notice_state *out, struct error *e);
MUST_USE enum code item_state_parse(struct str text, enum item_state *out, struct error *e);
MUST_USE enum code item_event_parse(struct str text, enum item_event *out, struct error *e);
MUST_USE enum code reason_parse(struct str text, enum reason_code *out, struct error *e);
MUST_USE enum code counter_reason_parse(struct str text, enum counter_reason *out, struct error *e);

#endif
