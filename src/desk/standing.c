/* SPDX-License-Identifier: Apache-2.0 */
/* Records, caps, misuse, patterns. */
#include "desk/standing.h"

#include "desk/names.h"

#include <math.h>

static int64_t decayed(int64_t value_e6, int64_t us)
{
    if (us <= 0 || value_e6 == 0)
        return value_e6;
    double days = (double)us / 86400e6;
    return (int64_t)((double)value_e6 * exp2(-days / STANDING_HALF_LIFE_DAYS));
}

struct standing standing_at(struct standing s, struct instant now)
{
    int64_t us = now.us - s.at.us;
    if (us <= 0)
        return s;
    return (struct standing) { decayed(s.accepted_e6, us), decayed(s.rejected_e6, us), now };
}

struct standing standing_judged(struct standing s, bool accepted, int weight, struct instant now)
{
    /* within an hour nothing decays: a bulk notice costs no exponentials */
    if (now.us - s.at.us > INT64_C(3600000000))
        s = standing_at(s, now);
    if (accepted)
        s.accepted_e6 += 1000000;
    else
        s.rejected_e6 += (int64_t)weight * 1000000;
    return s;
}

/* Regularised incomplete beta function by continued fraction (Abramowitz and Stegun, 26.5.8,
 * evaluated by the modified method of Lentz). */
static double beta_fraction(double a, double b, double x)
{
    double c = 1, d = 1 - (a + b) * x / (a + 1);
    d = fabs(d) < 1e-300 ? 1e300 : 1 / d;
    double h = d;
    for (int m = 1; m < 300; m++) {
        double k = m, even = k * (b - k) * x / ((a + 2 * k - 1) * (a + 2 * k));
        double odd = -(a + k) * (a + b + k) * x / ((a + 2 * k) * (a + 2 * k + 1));
        d = 1 / (1 + even * d);
        c = 1 + even / c;
        h *= d * c;
        d = 1 / (1 + odd * d);
        c = 1 + odd / c;
        h *= d * c;
        if (fabs(d * c - 1) < 1e-10)
            break;
    }
    return h;
}

static double beta_cdf(double a, double b, double x)
{
    if (x <= 0 || x >= 1)
        return x <= 0 ? 0 : 1;
    double front = exp(lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) + b * log1p(-x));
    return x < (a + 1) / (a + b + 2) ? front * beta_fraction(a, b, x) / a
                                     : 1 - front * beta_fraction(b, a, 1 - x) / b;
}

static double alpha(struct standing s)
{
    return 1 + (double)s.accepted_e6 / 1e6;
}

static double beta(struct standing s)
{
    return 1 + (double)s.rejected_e6 / 1e6;
}

int standing_mean(struct standing s)
{
    return (int)(1000 * alpha(s) / (alpha(s) + beta(s)) + 0.5);
}

int standing_low(struct standing s)
{
    double low = 0, high = 1;
    for (int i = 0; i < 14; i++) { /* to a ten-thousandth */
        double middle = (low + high) / 2;
        if (beta_cdf(alpha(s), beta(s), middle) < 0.05)
            low = middle;
        else
            high = middle;
    }
    return (int)(1000 * low + 0.5);
}

struct caps standing_caps(struct standing s, unsigned proofs, bool trusted)
{
    int low = standing_low(s);
    struct caps c = { 100, 3, 3 };
    if (proofs & (PROOF_DOMAIN | PROOF_KEY))
        c = (struct caps) { 1000, 20, 10 };
    if ((proofs & (PROOF_DOCUMENT | PROOF_REPERTOIRE)) == (PROOF_DOCUMENT | PROOF_REPERTOIRE))
        c = (struct caps) { 10000, 200, 100 };
    if (low > 500) { /* tenfold for each halving of the doubt below one half */
        double factor = 1;
        for (double doubt = 1 - low / 1000.0; doubt < 0.5 && factor < 1e5; doubt *= 2)
            factor *= 10;
        c.items_per_day = (int64_t)((double)c.items_per_day * factor);
        c.unseen_per_sender = (int64_t)((double)c.unseen_per_sender * factor);
        c.unseen_per_target = (int64_t)((double)c.unseen_per_target * factor);
    }
    if (trusted && c.items_per_day < 100000)
        c.items_per_day = 100000;
    return c;
}

enum misuse standing_misuse(const struct misuse_facts *f)
{
    bool many = f->unfounded >= 20 && f->unfounded * 2 > f->received;
    bool grave = f->abusive >= 3;
    if (!many && !grave && !f->forged)
        return MISUSE_NONE;
    return f->warned || (f->forged && grave) ? MISUSE_SUSPEND : MISUSE_WARN;
}

#define WORD(name, word) word,
static const char *const words[] = { PATTERNS(WORD) };

const char *pattern_word(enum pattern p)
{
    return words[p];
}

bool domain_is_free_mail(struct str domain)
{
    static const char *const free_mail[] = {
        "gmail.com",  "googlemail.com", "outlook.com",  "hotmail.com",   "yahoo.com", "aol.com",
        "icloud.com", "proton.me",      "gmx.net",      "gmx.de",        "web.de",    "mail.ru",
        "inbox.ru",   "bk.ru",          "list.ru",      "yandex.ru",     "ya.ru",     "rambler.ru",
        "mail.com",   "zoho.com",       "tutanota.com", "protonmail.com"
    };
    for (size_t i = 0; i < COUNT_OF(free_mail); i++)
        if (str_is(domain, free_mail[i]))
            return true;
    return false;
}

/* Letters that pass for others, and digits for letters; "rn" for m is an edit anyway. */
static char plain(char c)
{
    static const char from[] = "0135$lI|v", to[] = "oieesiiiu";
    const char *at = strchr(from, c);
    return at && c ? to[at - from] : c;
}

enum { NAME_MOST = 64 };

static struct str first_label(struct str domain)
{
    struct str label = domain, next;
    if (str_split(&domain, '.', &next))
        label = next;
    return label;
}

/* Levenshtein distance of at most 1, after look-alike letters. */
static bool one_edit(struct str a, struct str b)
{
    if (a.length > b.length) {
        struct str t = a;
        a = b;
        b = t;
    }
    if (b.length - a.length > 1)
        return false;
    size_t i = 0;
    while (i < a.length && plain(a.at[i]) == plain(b.at[i]))
        i++;
    size_t j = b.length - a.length + i; /* skip one of the longer */
    size_t ai = i;
    if (a.length == b.length) {
        ai = i + 1;
        j = i + 1;
    }
    while (ai < a.length && j < b.length && plain(a.at[ai]) == plain(b.at[j]))
        ai++, j++;
    return ai >= a.length && j >= b.length;
}

static bool contains(struct str text, struct str part)
{
    return part.length && memmem(text.at, text.length, part.at, part.length) != NULL;
}

/* In letters of another script, as "xn--...", or with "m" for "rn": what is seen is the same. */
static bool is_seen_as(struct str domain, struct str known)
{
    BUF(one);
    BUF(other);
    domain_skeleton(domain, &one);
    domain_skeleton(known, &other);
    return one.length && str_equal(buf_as_str(&one), buf_as_str(&other));
}

bool domain_looks_like(struct str domain, struct str known)
{
    if (!domain.length || !known.length || str_equal(domain, known))
        return false;
    if (is_seen_as(domain, known))
        return true;
    /* its own sub-domain */
    if (domain.length > known.length &&
        memcmp(domain.at + domain.length - known.length, known.at, known.length) == 0 &&
        domain.at[domain.length - known.length - 1] == '.')
        return false;
    struct str a = first_label(domain), b = first_label(known);
    if (b.length < 4 || b.length > NAME_MOST)
        return false;
    return one_edit(a, b) || (a.length > b.length && contains(a, b));
}

unsigned patterns_found(const struct pattern_facts *f)
{
    const bool found[PATTERN_COUNT] = {
        [PATTERN_LOOKALIKE] = domain_looks_like(f->sender_domain, f->principal_domain),
        [PATTERN_FREE_MAIL] = f->acts_for_known_principal && !f->mandate_proven &&
                              domain_is_free_mail(f->sender_domain),
        [PATTERN_NEW_MANY] = f->days_known < 7 && f->target_accounts > 20,
        [PATTERN_ONE_TARGET] = f->days_known < 30 && f->items_today >= 10 &&
                               f->targets_most * 10 >= f->items_today * 9,
        [PATTERN_OLDER] = f->older_than_work,
        [PATTERN_SAME_TEXT] = f->same_text_senders >= 3,
        [PATTERN_OWN_ACCOUNT] = f->own_account,
        [PATTERN_NOT_IN_ITEM] = f->judged >= 10 && f->not_in_item * 2 > f->judged,
        [PATTERN_COUNTERED] = f->countered >= 5 && f->countered > 2 * f->countered_before,
        [PATTERN_LOOKALIKE_NAME] = f->lookalike_name,
    };
    unsigned bits = 0;
    for (int i = 0; i < PATTERN_COUNT; i++)
        bits |= (unsigned)found[i] << i;
    return bits;
}
