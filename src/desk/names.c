/* SPDX-License-Identifier: Apache-2.0 */
/* Names cleaned and compared by how they look. */
#include "desk/names.h"

#include <stdlib.h>
#include <unicode/uchar.h>
#include <unicode/uidna.h>
#include <unicode/unorm2.h>
#include <unicode/uspoof.h>
#include <unicode/ustring.h>

enum { UNITS_MOST = 4096 };

static bool is_plain(struct str s)
{
    bool blank = true; /* none at the front */
    for (size_t i = 0; i < s.length; i++) {
        uint8_t c = (uint8_t)s.at[i];
        if (c < ' ' || c > '~' || (c == ' ' && blank))
            return false;
        blank = c == ' ';
    }
    return s.length == 0 || !blank;
}

static int32_t to_units(struct str s, UChar *out)
{
    UErrorCode status = U_ZERO_ERROR;
    int32_t length = 0;
    if (s.length > UNITS_MOST)
        return 0;
    u_strFromUTF8(out, UNITS_MOST, &length, s.at, (int32_t)s.length, &status);
    return U_FAILURE(status) ? 0 : length;
}

static void put_units(struct buf *out, const UChar *units, int32_t length)
{
    char text[UNITS_MOST * 3];
    int32_t bytes = 0;
    UErrorCode status = U_ZERO_ERROR;
    u_strToUTF8(text, sizeof text, &bytes, units, length, &status);
    if (U_SUCCESS(status) && bytes <= (int32_t)sizeof text)
        buf_put(out, text, (size_t)bytes);
}

/* The next code point; half of a pair alone is what it is. */
static UChar32 next(const UChar *units, int32_t *at, int32_t length)
{
    UChar32 c = units[(*at)++];
    if ((c & 0xFC00) == 0xD800 && *at < length && (units[*at] & 0xFC00) == 0xDC00)
        c = 0x10000 + ((c - 0xD800) << 10) + (units[(*at)++] - 0xDC00);
    return c;
}

static bool is_unseen(UChar32 c)
{
    int8_t type = u_charType(c);
    return type == U_FORMAT_CHAR || type == U_CONTROL_CHAR || type == U_SURROGATE ||
           u_hasBinaryProperty(c, UCHAR_DEFAULT_IGNORABLE_CODE_POINT);
}

/* Blanks as one, none at the ends, nothing that is not seen. */
static int32_t keep_seen(const UChar *from, int32_t length, UChar *to)
{
    int32_t n = 0;
    bool blank = true;
    for (int32_t i = 0; i < length;) {
        UChar32 c = next(from, &i, length);
        UBool failed = false;
        bool space = u_isUWhiteSpace(c);
        if ((is_unseen(c) && !space) || (space && blank))
            continue;
        blank = space;
        U16_APPEND(to, n, UNITS_MOST, space ? ' ' : c, failed);
        if (failed)
            break;
    }
    return n > 0 && blank ? n - 1 : n;
}

struct str name_clean(struct str text, struct arena *a)
{
    UChar units[UNITS_MOST], seen[UNITS_MOST], composed[UNITS_MOST];
    UErrorCode status = U_ZERO_ERROR;
    BUF(out);
    if (is_plain(text) || text.length > UNITS_MOST)
        return text;
    int32_t n = keep_seen(units, to_units(text, units), seen);
    const UNormalizer2 *nfc = unorm2_getNFCInstance(&status);
    if (U_SUCCESS(status))
        n = unorm2_normalize(nfc, seen, n, composed, UNITS_MOST, &status);
    put_units(&out, U_SUCCESS(status) ? composed : seen, n);
    return (struct str) { str_copy(a, buf_as_str(&out)), out.length };
}

/* Names that look alike have one skeleton. A capital may look like another letter than its small one
 * does, so there are two: of the name as it is, and of its small letters. */
static void skeleton_of(struct str text, bool small, struct buf *out)
{
    UChar units[UNITS_MOST], folded[UNITS_MOST], skeleton[UNITS_MOST];
    UErrorCode status = U_ZERO_ERROR;
    USpoofChecker *spoof = uspoof_open(&status);
    int32_t n = keep_seen(units, to_units(text, units), folded);
    memcpy(units, folded, (size_t)n * sizeof *units);
    if (small)
        n = u_strFoldCase(folded, UNITS_MOST, units, n, U_FOLD_CASE_DEFAULT, &status);
    n = uspoof_getSkeleton(spoof, 0, folded, n, skeleton, UNITS_MOST, &status);
    n = u_strFoldCase(folded, UNITS_MOST, skeleton, n, U_FOLD_CASE_DEFAULT, &status);
    for (int32_t i = 0, k = 0; U_SUCCESS(status) && i <= n; i++)
        if (i == n)
            put_units(out, skeleton, k);
        else if (folded[i] != ' ')
            skeleton[k++] = folded[i];
    uspoof_close(spoof);
}

bool name_looks_like(struct str one, struct str other)
{
    for (int small = 0; small < 2; small++) {
        BUF(a);
        BUF(b);
        skeleton_of(one, small != 0, &a);
        skeleton_of(other, small != 0, &b);
        if (a.length && str_equal(buf_as_str(&a), buf_as_str(&b)))
            return true;
    }
    return false;
}

static bool is_ascii(struct str s)
{
    for (size_t i = 0; i < s.length; i++)
        if ((uint8_t)s.at[i] >= 0x80)
            return false;
    return true;
}

/* One script alone is nobody's trick; an invisible letter, or scripts that look alike, are. */
bool name_is_tricky(struct str text)
{
    UErrorCode status = U_ZERO_ERROR;
    UChar units[UNITS_MOST], seen[UNITS_MOST];
    if (is_ascii(text) || text.length > UNITS_MOST)
        return false;
    int32_t n = to_units(text, units);
    for (int32_t i = 0; i < n;) {
        if (is_unseen(next(units, &i, n)))
            return true;
    }
    USpoofChecker *spoof = uspoof_open(&status);
    uspoof_setChecks(spoof, USPOOF_RESTRICTION_LEVEL, &status);
    uspoof_setRestrictionLevel(spoof, USPOOF_HIGHLY_RESTRICTIVE);
    n = keep_seen(units, n, seen);
    bool mixed = U_SUCCESS(status) && uspoof_check(spoof, seen, n, NULL, &status) != 0;
    uspoof_close(spoof);
    return mixed;
}

void domain_skeleton(struct str domain, struct buf *out)
{
    UErrorCode status = U_ZERO_ERROR;
    UIDNAInfo info = UIDNA_INFO_INITIALIZER;
    char seen[1024];
    int32_t n = 0;
    UIDNA *idna = uidna_openUTS46(UIDNA_DEFAULT, &status);
    if (domain.length < 254)
        n = uidna_nameToUnicodeUTF8(idna, domain.at, (int32_t)domain.length, seen, sizeof seen,
                                    &info, &status);
    uidna_close(idna);
    skeleton_of(U_SUCCESS(status) && n > 0 ? (struct str) { seen, (size_t)n } : domain, true, out);
}
