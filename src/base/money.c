/* SPDX-License-Identifier: Apache-2.0 */
/* Currencies of ISO 4217 in use, exact sums, splits that lose nothing. */
#include "base/money.h"

#include <stdio.h>
#include <stdlib.h>

static const struct {
    uint8_t places;
    const char *codes;
} currencies[] = {
    { 0, "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF" },
    { 3, "BHD IQD JOD KWD LYD OMR TND" },
    { 4, "CLF UYW" },
    { 2,
      "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BRL BSD BTN BWP BYN "
      "BZD CAD CDF CHF CNY COP CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS "
      "GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR "
      "LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD "
      "PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN "
      "SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD UYU UZS VED VES WST XCD YER ZAR ZMW" },
};

enum code currency_find(struct str code, struct currency *out, struct error *e)
{
    for (size_t i = 0; code.length == 3 && i < COUNT_OF(currencies); i++)
        for (const char *p = currencies[i].codes; *p; p += p[3] ? 4 : 3)
            if (memcmp(p, code.at, 3) == 0) {
                memcpy(out->code, p, 3);
                out->code[3] = '\0';
                out->places = currencies[i].places;
                return OK;
            }
    return fail(e, ERR_INVALID, "\"%.*s\" is not a currency of ISO 4217", STR_ARG(code));
}

enum code money_add(struct money a, struct money b, struct money *out, struct error *e)
{
    if (memcmp(a.currency.code, b.currency.code, 4) != 0)
        return fail(e, ERR_INVALID, "%s and %s cannot be added", a.currency.code, b.currency.code);
    int64_t sum;
    if (__builtin_add_overflow(a.minor, b.minor, &sum))
        return fail(e, ERR_LIMIT, "the sum of two amounts in %s is too large", a.currency.code);
    *out = (struct money) { sum, a.currency };
    return OK;
}

const char *money_format(struct money m, char out[40])
{
    uint64_t unit = 1;
    for (int i = 0; i < m.currency.places; i++)
        unit *= 10;
    uint64_t size = m.minor < 0 ? 0 - (uint64_t)m.minor : (uint64_t)m.minor;
    const char *sign = m.minor < 0 ? "-" : "";
    if (m.currency.places)
        snprintf(out, 40, "%s %s%llu.%0*llu", m.currency.code, sign,
                 (unsigned long long)(size / unit), m.currency.places,
                 (unsigned long long)(size % unit));
    else
        snprintf(out, 40, "%s %s%llu", m.currency.code, sign, (unsigned long long)size);
    return out;
}

struct remainder {
    uint64_t left;
    size_t index;
};

static int by_remainder(const void *pa, const void *pb)
{
    const struct remainder *a = pa, *b = pb;
    if (a->left != b->left)
        return a->left > b->left ? -1 : 1;
    return a->index < b->index ? -1 : 1;
}

enum code money_split(int64_t total, const int64_t *weights, size_t count, struct arena *a,
                      int64_t *parts, struct error *e)
{
    int64_t sum = 0;
    for (size_t i = 0; i < count; i++) {
        if (weights[i] < 0)
            return fail(e, ERR_INVALID, "weight %zu is negative", i);
        if (__builtin_add_overflow(sum, weights[i], &sum))
            return fail(e, ERR_LIMIT, "the weights are too large together");
    }
    if (sum == 0)
        return fail(e, ERR_INVALID, "there is no weight to split by");
    struct remainder *rest = arena_try(a, count, sizeof *rest);
    if (!rest)
        return fail(e, ERR_MEMORY, "no memory to split among %zu", count);
    uint64_t size = total < 0 ? 0 - (uint64_t)total : (uint64_t)total, given = 0;
    for (size_t i = 0; i < count; i++) {
        unsigned __int128 product = (unsigned __int128)size * (uint64_t)weights[i];
        uint64_t part = (uint64_t)(product / (uint64_t)sum);
        rest[i] = (struct remainder) { (uint64_t)(product % (uint64_t)sum), i };
        parts[i] = (int64_t)(total < 0 ? 0 - part : part);
        given += part;
    }
    qsort(rest, count, sizeof *rest, by_remainder);
    for (size_t i = 0; given < size; i++, given++)
        parts[rest[i].index] += total < 0 ? -1 : 1;
    return OK;
}
