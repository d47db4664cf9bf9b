/* SPDX-License-Identifier: Apache-2.0 */
/* Bits compared, and drawn. */
#include "flow/picture.h"

#include <math.h>

#define AROUND     8.0    /* seconds shown before and behind the span */
#define LONGEST    3600.0 /* seconds of a span that are drawn */
#define SURE_SHARE 0.5    /* of the column's mean size: below it a bit is unsure */

/* ---- comparing ---- */

static void compare_column(const struct fp_word *w, const int8_t *soft, uint8_t *cells)
{
    int sum = 0;
    for (size_t b = 0; b < FP_BITS; b++)
        sum += soft[b] < 0 ? -soft[b] : soft[b];
    double least = SURE_SHARE * sum / FP_BITS;
    for (size_t b = 0; b < FP_BITS; b++) {
        int size = soft[b] < 0 ? -soft[b] : soft[b];
        bool bit = w->half[b / 64] >> b % 64 & 1;
        cells[b] = size <= least ? CELL_UNSURE : bit == (soft[b] > 0) ? CELL_AGREES : CELL_DIFFERS;
    }
}

/* The hop of the upload at which word j of the reference sounds. */
static double hop_of(const struct found *m, double word)
{
    double second = m->query_start + (fp_word_seconds(word) - m->reference_start) / m->speed;
    return (second - fp_hop_seconds(0)) / FP_HOP_SECONDS;
}

enum code picture_make(const struct fp_query *upload, const struct fingerprint *reference,
                       const struct found *m, struct arena *a, struct picture *out, struct error *e)
{
    struct fp_window window;
    double until = fmin(m->query_end, m->query_start + LONGEST) + AROUND;
    double first_hop = fmax(0, (m->query_start - AROUND - 4) / FP_HOP_SECONDS);
    double hops = (until + 4) / FP_HOP_SECONDS - first_hop;
    const struct fp_warp warp = { m->speed, (int)lround(m->pitch_semitones * 6) };
    TRY(fp_window_make(upload, (size_t)first_hop, (size_t)fmax(1, hops), a, &window, e));
    double reach = (until - m->query_start) * m->speed + m->reference_start;
    double from = m->reference_start - AROUND * m->speed;
    size_t first = from > 0 ? (size_t)(from / FP_WORD_SECONDS) : 0;
    size_t last = (size_t)(fmax(0, reach) / FP_WORD_SECONDS);
    last = last < reference->count ? last : reference->count;
    size_t step = last > first ? (last - first) / PICTURE_COLUMNS_MOST + 1 : 1;
    out->columns = 0;
    for (size_t j = first; j < last; j += step) {
        int8_t soft[FP_BITS];
        double hop = hop_of(m, (double)j);
        if (hop < 0 || hop > (double)upload->count)
            continue;
        uint8_t *cells = out->column[out->columns].cells;
        const struct fp_word *w = &reference->words[j];
        memset(cells, CELL_NOTHING, FP_BITS);
        if ((w->half[0] | w->half[1]) && fp_window_sketch(&window, &warp, hop, soft))
            compare_column(w, soft, cells);
        out->column[out->columns].upload_s = fp_hop_seconds(hop);
        out->column[out->columns++].reference_s = fp_word_seconds((double)j);
    }
    return OK;
}

static void count_column(const struct picture *p, size_t c, size_t *agree, size_t *differ)
{
    for (size_t b = 0; b < FP_BITS; b++) {
        *agree += p->column[c].cells[b] == CELL_AGREES;
        *differ += p->column[c].cells[b] == CELL_DIFFERS;
    }
}

double picture_agreement(const struct picture *p, const struct found *m, bool inside)
{
    size_t agree = 0, differ = 0;
    for (size_t c = 0; c < p->columns; c++) {
        double at = p->column[c].upload_s;
        if ((at >= m->query_start && at <= m->query_end) == inside)
            count_column(p, c, &agree, &differ);
    }
    return agree + differ ? (double)agree / (double)(agree + differ) : -1;
}

/* ---- drawing: everything in pixels of a picture 1000 wide ---- */

enum {
    WIDE = 1000,
    HIGH = 520,
    LEFT = 70,
    RIGHT = 980,
    TOP = 110,
    CELL_HIGH = 2,
    BOTTOM = TOP + FP_BITS * CELL_HIGH,
    STRIP_TOP = BOTTOM + 44,
    STRIP_BOTTOM = STRIP_TOP + 50
};

static void put_xml(struct buf *out, const char *text)
{
    for (const char *c = text ? text : ""; *c; c++)
        switch (*c) {
        case '&':
            buf_text(out, "&amp;");
            break;
        case '<':
            buf_text(out, "&lt;");
            break;
        case '>':
            buf_text(out, "&gt;");
            break;
        case '"':
            buf_text(out, "&quot;");
            break;
        default:
            buf_byte(out, (unsigned char)*c < 0x20 ? ' ' : (uint8_t)*c);
        }
}

static const char *clock_of(double seconds, char out[24])
{
    int64_t tenths = llround(fmax(0, seconds) * 10);
    snprintf(out, 24, "%lld:%02lld.%lld", (long long)(tenths / 600), (long long)(tenths / 10 % 60),
             (long long)(tenths % 10));
    return out;
}

static double x_of(const struct picture *p, double upload_s)
{
    double first = p->column[0].upload_s, last = p->column[p->columns - 1].upload_s;
    double step = p->columns > 1 ? (last - first) / (double)(p->columns - 1) : 1;
    return LEFT + (upload_s - first + step / 2) / (step * (double)p->columns) * (RIGHT - LEFT);
}

/* Cells of one kind as strokes, row by row, low bands at the bottom; a unit is a cell. */
static void put_cells(struct buf *out, const struct picture *p, enum cell kind, const char *colour)
{
    buf_format(out, "<path stroke=\"%s\" d=\"", colour);
    for (size_t b = 0; b < FP_BITS; b++) {
        for (size_t c = 0; c < p->columns; c++) {
            size_t end = c;
            while (end < p->columns && p->column[end].cells[b] == kind)
                end++;
            if (end > c)
                buf_format(out, "M%zu %zu.5h%zu", c, FP_BITS - 1 - b, end - c);
            c = end;
        }
    }
    buf_text(out, "\"/>\n");
}

static void put_grid(struct buf *out, const struct picture *p)
{
    static const char *const colours[CELL_KINDS] = {
        [CELL_UNSURE] = "#dcdcdc", [CELL_AGREES] = "#2166ac", [CELL_DIFFERS] = "#e08214"
    };
    buf_format(out, "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" fill=\"#f7f7f7\"/>\n", LEFT,
               TOP, RIGHT - LEFT, BOTTOM - TOP);
    buf_format(out,
               "<g transform=\"translate(%d %d) scale(%.5f %d)\" fill=\"none\" "
               "shape-rendering=\"crispEdges\">\n",
               LEFT, TOP, (double)(RIGHT - LEFT) / (double)p->columns, CELL_HIGH);
    for (int k = CELL_UNSURE; k < CELL_KINDS; k++)
        put_cells(out, p, (enum cell)k, colours[k]);
    buf_text(out, "</g>\n");
}

static double tick_step(double seconds)
{
    static const double steps[] = { 1, 2, 5, 10, 20, 30, 60, 120, 300, 600 };
    for (size_t i = 0; i < COUNT_OF(steps); i++)
        if (seconds / steps[i] <= 9)
            return steps[i];
    return 1200;
}

/* Times of the upload below, of the reference above. */
static void put_times(struct buf *out, const struct picture *p, const struct found *m)
{
    char at[24];
    double first = p->column[0].upload_s, last = p->column[p->columns - 1].upload_s;
    double step = tick_step(last - first);
    for (double t = ceil(first / step) * step; t <= last; t += step) {
        double x = x_of(p, t), r = m->reference_start + (t - m->query_start) * m->speed;
        buf_format(out, "<path class=\"t\" d=\"M%.1f %dv6M%.1f %dv-6\"/>", x, BOTTOM, x, TOP);
        buf_format(out, "<text x=\"%.1f\" y=\"%d\" class=\"m\">%s</text>", x, BOTTOM + 20,
                   clock_of(t, at));
        buf_format(out, "<text x=\"%.1f\" y=\"%d\" class=\"m\">%s</text>\n", x, TOP - 12,
                   clock_of(r, at));
    }
    buf_format(out, "<text x=\"%d\" y=\"%d\" class=\"e\">upload</text>", LEFT - 8, BOTTOM + 20);
    buf_format(out, "<text x=\"%d\" y=\"%d\" class=\"e\">reference</text>\n", LEFT - 8, TOP - 12);
}

/* docs/formats/fingerprint.md: half band k begins at 260 * 2^((k - 32) / 72) Hz; bit b is of band
 * b + FP_FIRST + 1 */
static void put_bands(struct buf *out)
{
    static const int hz[] = { 300, 500, 1000, 2000, 3000 };
    for (size_t i = 0; i < COUNT_OF(hz); i++) {
        double band = (72 * log2(hz[i] / 260.0) + 32) / 2 - (FP_FIRST + 1);
        double y = BOTTOM - band * CELL_HIGH;
        buf_format(out, "<path class=\"t\" d=\"M%d %.1fh-5\"/>", LEFT, y);
        buf_format(out, "<text x=\"%d\" y=\"%.1f\" class=\"e\">%d Hz</text>\n", LEFT - 8, y + 4,
                   hz[i]);
    }
}

static void put_span(struct buf *out, const struct picture *p, const struct found *m)
{
    double from = fmax(LEFT, x_of(p, m->query_start)), to = fmin(RIGHT, x_of(p, m->query_end));
    buf_format(out, "<path class=\"s\" d=\"M%.1f %dV%dM%.1f %dV%d\"/>", from, TOP - 4, STRIP_BOTTOM,
               to, TOP - 4, STRIP_BOTTOM);
    buf_format(out, "<path class=\"b\" d=\"M%.1f %dH%.1f\"/>\n", from, TOP - 4, to);
}

/* How much agrees, from column to column; half is chance. */
static void put_strip(struct buf *out, const struct picture *p)
{
    double wide = (double)(RIGHT - LEFT) / (double)p->columns;
    double high = STRIP_BOTTOM - STRIP_TOP;
    buf_format(out, "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" fill=\"#f7f7f7\"/>\n", LEFT,
               STRIP_TOP, RIGHT - LEFT, STRIP_BOTTOM - STRIP_TOP);
    buf_text(out, "<path fill=\"#92c5de\" d=\"");
    for (size_t c = 0; c < p->columns; c++) {
        size_t agree = 0, differ = 0;
        count_column(p, c, &agree, &differ);
        if (agree + differ)
            buf_format(out, "M%.1f %dv-%.1fh%.2fV%dz", LEFT + (double)c * wide, STRIP_BOTTOM,
                       high * (double)agree / (double)(agree + differ), wide, STRIP_BOTTOM);
    }
    buf_format(out, "\"/>\n<path class=\"c\" d=\"M%d %dH%d\"/>", LEFT,
               (STRIP_TOP + STRIP_BOTTOM) / 2, RIGHT);
    buf_format(out, "<text x=\"%d\" y=\"%d\" class=\"e\">100 %%</text>", LEFT - 8, STRIP_TOP + 5);
    buf_format(out, "<text x=\"%d\" y=\"%d\" class=\"e\">chance</text>\n", LEFT - 8,
               (STRIP_TOP + STRIP_BOTTOM) / 2 + 4);
}

static void put_legend(struct buf *out, double inside)
{
    int y = STRIP_BOTTOM + 30;
    buf_format(out, "<rect x=\"%d\" y=\"%d\" width=\"12\" height=\"12\" fill=\"#2166ac\"/>", LEFT,
               y - 11);
    buf_format(out, "<text x=\"%d\" y=\"%d\">the same in both</text>", LEFT + 18, y);
    buf_format(out, "<rect x=\"%d\" y=\"%d\" width=\"12\" height=\"12\" fill=\"#e08214\"/>",
               LEFT + 170, y - 11);
    buf_format(out, "<text x=\"%d\" y=\"%d\">different</text>", LEFT + 188, y);
    buf_format(out, "<rect x=\"%d\" y=\"%d\" width=\"12\" height=\"12\" fill=\"#dcdcdc\"/>",
               LEFT + 290, y - 11);
    buf_format(out, "<text x=\"%d\" y=\"%d\">too weak to tell</text>", LEFT + 308, y);
    if (inside >= 0)
        buf_format(out,
                   "<text x=\"%d\" y=\"%d\" class=\"e\">between the lines %.0f %% of what can "
                   "be told is the same; by chance 50 %%</text>\n",
                   RIGHT, y, 100 * inside);
}

static void put_words(struct buf *out, const struct found *m, const char *upload)
{
    char a[24], b[24];
    bool artist = m->artist && m->artist[0];
    buf_format(out, "<text x=\"%d\" y=\"24\" class=\"h\">", 20);
    put_xml(out, upload);
    buf_text(out, "</text>\n<text x=\"20\" y=\"46\">against the reference ");
    put_xml(out, artist ? m->artist : "");
    buf_text(out, artist ? " – " : "");
    put_xml(out, m->title && m->title[0] ? m->title : m->file);
    buf_format(out, "</text>\n<text x=\"20\" y=\"68\">%s of the upload is ",
               clock_of(m->query_start, a));
    buf_format(out, "%s of the reference; ", clock_of(m->reference_start, b));
    buf_format(out,
               "speed %.3f, pitch %+.1f semitones, score %.2f, chance of a mistake %.1g</text>\n",
               m->speed, m->pitch_semitones, m->score, m->p_false);
}

static const char style[] =
    "<style>text{font:13px sans-serif;fill:#222}.h{font-weight:bold;font-size:15px}.e{text-anchor:"
    "end}.m{text-anchor:middle}.t{stroke:#555}.s{stroke:#b2182b;stroke-dasharray:4 "
    "3}.b{stroke:#b2182b;stroke-width:4}.c{stroke:#555;stroke-dasharray:2 3}</style>\n";

void picture_svg(const struct picture *p, const struct found *m, const char *upload,
                 struct buf *out)
{
    buf_format(out,
               "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" role=\"img\" "
               "aria-labelledby=\"t\"><title id=\"t\">",
               WIDE, HIGH);
    put_xml(out, upload);
    buf_format(out, " from %.1f s to %.1f s against the reference ", m->query_start, m->query_end);
    put_xml(out, m->title && m->title[0] ? m->title : m->file);
    buf_text(out, "</title>\n");
    buf_text(out, style);
    buf_format(out, "<rect width=\"%d\" height=\"%d\" fill=\"#fff\"/>\n", WIDE, HIGH);
    put_words(out, m, upload);
    if (p->columns) {
        put_grid(out, p);
        put_bands(out);
        put_times(out, p, m);
        put_strip(out, p);
        put_span(out, p, m);
        put_legend(out, picture_agreement(p, m, true));
    } else {
        buf_text(out, "<text x=\"20\" y=\"120\">nothing can be compared here</text>\n");
    }
    buf_text(out, "</svg>\n");
}
