/* SPDX-License-Identifier: Apache-2.0 */
/* Reports of a simulated half-year: each figure is the sum of its events, the sheets have their
 * columns, the dossier checks, and a changed byte of it does not. */
#include "scene.h"

#include "desk/desk.h"

struct half_year {
    struct scene scene;
    struct store_tx *tx;
    struct scan scan;
    struct simulated simulated;
};

static void begin(struct half_year *h, struct store_fixture *f)
{
    struct simulate_options o = { .seed = 5, .requests = 450, .declined = 60 };
    memset(h, 0, sizeof *h);
    scene_begin(&h->scene, f, NULL);
    CHECK_OK(flow_simulate(h->scene.world, &o, &h->scene.now, &h->simulated, e));
    assert_int_equal(h->simulated.wrong, 0);
    CHECK_OK(store_begin(world_store(h->scene.world), STORE_READ, &h->tx, e));
    CHECK_OK(desk_scan(h->tx, day_begin(day_from_civil(2014, 1, 1)),
                       day_begin(day_from_civil(2015, 1, 1)), &h->scan, e));
}

static void end(struct half_year *h)
{
    desk_scan_done(&h->scan);
    store_rollback(h->tx);
    scene_end(&h->scene);
}

#define HALF_YEAR(h)                                                                               \
    FIXTURE(f_);                                                                                   \
    struct half_year h;                                                                            \
    begin(&h, f_)

static int64_t value_of(const struct scan *s, const char *name)
{
    const struct desk_figure *f;
    CHECK_OK(desk_figure_find(str_of(name), &f, e));
    return desk_figure_value(s, f);
}

struct summing {
    struct half_year *h;
    const char *name;
    int64_t sum, count, last;
};

static enum code sum_event(void *ctx, int64_t seq, int64_t weight, struct error *e)
{
    struct summing *s = ctx;
    if (seq < 1 || seq > s->h->scan.head.size)
        return fail(e, ERR_CORRUPT, "%s: event %lld is not in the journal", s->name,
                    (long long)seq);
    s->sum += weight;
    s->count++;
    s->last = seq;
    return OK;
}

TEST(each_figure_is_what_its_events_add_up_to)
{
    HALF_YEAR(h);
    for (size_t i = 0; i < desk_figure_count; i++) {
        const struct desk_figure *f = &desk_figures[i];
        struct summing s = { .h = &h, .name = f->name };
        CHECK_OK(desk_figure_events(&h.scan, f, sum_event, &s, e));
        assert_int_equal(s.sum, desk_figure_value(&h.scan, f));
    }
    const struct scan *s = &h.scan;
    assert_int_equal(value_of(s, "requests.received"), 450);
    assert_int_equal(value_of(s, "requests.accepted"), 390);
    assert_int_equal(value_of(s, "requests.turned_down"), 60);
    assert_int_equal(value_of(s, "requests.undecided"), 0);
    assert_int_equal(value_of(s, "notices.received"), (int64_t)h.simulated.notices);
    assert_int_equal(value_of(s, "requests.put_back"), (int64_t)h.simulated.restored);
    assert_int_equal(value_of(s, "requests.automatic") + value_of(s, "requests.by_person"), 450);
    int64_t reasons = 0, channels = 0;
    for (size_t i = 0; i < desk_figure_count; i++) {
        if (str_starts(str_of(desk_figures[i].name), "requests.reason."))
            reasons += desk_figure_value(s, &desk_figures[i]);
        if (str_starts(str_of(desk_figures[i].name), "notices.channel."))
            channels += desk_figure_value(s, &desk_figures[i]);
    }
    assert_int_equal(reasons, 450);
    assert_int_equal(channels, (int64_t)h.simulated.notices);
    end(&h);
}

TEST(an_event_of_a_figure_says_what_the_figure_says)
{
    HALF_YEAR(h);
    ARENA(a);
    const struct desk_figure *f;
    CHECK_OK(desk_figure_find(STR("requests.reason.licensed_here"), &f, e));
    struct summing s = { .h = &h, .name = f->name };
    CHECK_OK(desk_figure_events(&h.scan, f, sum_event, &s, e));
    assert_true(s.count > 0);
    struct journal_event *v;
    size_t count;
    CHECK_OK(journal_list(h.tx, s.last - 1, STR(""), 1, &a, &v, &count, e));
    assert_true(str_is(v->entry.what, "item.decided"));
    assert_true(str_is(scan_text(v->entry.after, "reason"), "licensed_here"));
    end(&h);
}

/* ---- CSV ---- */

/* Cells of a row; quotes may hold commas. *text moves behind the row. */
static size_t cells_of(struct str *text, struct str *cells, size_t most)
{
    size_t n = 0, at = 0, from = 0;
    bool quoted = false;
    for (; at < text->length && (quoted || text->at[at] != '\n'); at++) {
        if (text->at[at] == '"')
            quoted = !quoted;
        if (text->at[at] == ',' && !quoted) {
            assert_true(n < most);
            cells[n++] = (struct str) { text->at + from, at - from };
            from = at + 1;
        }
    }
    assert_true(n < most);
    cells[n++] = (struct str) { text->at + from, at - from };
    *text = at < text->length ? (struct str) { text->at + at + 1, text->length - at - 1 }
                              : (struct str) { text->at + at, 0 };
    return n;
}

TEST(the_eleven_sheets_have_their_columns_and_trace_their_figures)
{
    static const size_t columns[SHEETS] = { 4, 4, 20, 25, 37, 37, 8, 8, 8, 7, 5 };
    enum { CELLS = 64, ROWS = 4000 };
    HALF_YEAR(h);
    struct sheet_options o = { .service = "Commons, and \"others\"",
                               .provider = "Operator",
                               .published = "2015-02-01",
                               .before = "",
                               .internal = "",
                               .external = "",
                               .recipients = "" };
    size_t traced = 0;
    for (int i = 0; i < SHEETS; i++) {
        BUF(sheet);
        BUF(traces);
        CHECK_OK(desk_report_sheet(&h.scan, &o, i, &sheet, &traces, e));
        struct str rest = buf_as_str(&sheet);
        struct str cells[CELLS];
        static struct str kept[ROWS][CELLS];
        size_t rows = 0;
        while (rest.length) {
            assert_int_equal(cells_of(&rest, cells, CELLS), columns[i]);
            assert_true(rows < ROWS);
            memcpy(kept[rows++], cells, sizeof cells);
        }
        assert_true(rows > 1);
        struct str lines = buf_as_str(&traces);
        while (lines.length) {
            int64_t row, column, said;
            assert_int_equal(cells_of(&lines, cells, CELLS), 4);
            CHECK_OK(str_to_int64(cells[1], 1, (int64_t)rows, &row, e));
            CHECK_OK(str_to_int64(cells[2], 0, (int64_t)columns[i] - 1, &column, e));
            ARENA(a);
            struct str cell = kept[row - 1][column];
            const char *name = str_copy(&a, cells[3]);
            if (memchr(cell.at, '.', cell.length) || cell.length == 0)
                continue; /* a share of the figure */
            CHECK_OK(str_to_int64(cell, 0, INT64_MAX, &said, e));
            assert_int_equal(said, value_of(&h.scan, name));
            traced++;
        }
    }
    assert_true(traced > 40);
    end(&h);
}

/* The public report shows these to people: no codes of the program, and no two alike. */
TEST(figures_are_called_by_words)
{
    for (size_t i = 0; i < desk_figure_count; i++) {
        const struct desk_figure *f = &desk_figures[i];
        assert_null(strchr(f->english, '_'));
        assert_null(strchr(f->russian, '_'));
        for (size_t j = 0; j < i && f->english[0] != '.'; j++) { /* "...": of the one before */
            assert_string_not_equal(f->english, desk_figures[j].english);
            assert_string_not_equal(f->russian, desk_figures[j].russian);
        }
    }
    const struct desk_figure *law;
    CHECK_OK(desk_figure_find(STR("notices.regime.ru15_2"), &law, e));
    assert_string_equal(law->english, "Notices received by law: Russia (149-FZ, article 15.2)");
}

TEST(months_sum_to_the_period)
{
    HALF_YEAR(h);
    BUF(text);
    struct str cells[16];
    int64_t sums[12] = { 0 };
    CHECK_OK(desk_report_monthly(&h.scan, &text, e));
    struct str rest = buf_as_str(&text);
    assert_int_equal(cells_of(&rest, cells, 16), 12);
    while (rest.length) {
        assert_int_equal(cells_of(&rest, cells, 16), 12);
        for (int i = 2; i < 12; i++) {
            int64_t n;
            CHECK_OK(str_to_int64(cells[i], 0, INT64_MAX, &n, e));
            sums[i] += n;
        }
    }
    assert_int_equal(sums[2], (int64_t)h.simulated.notices);
    assert_int_equal(sums[4], 450);
    assert_int_equal(sums[5], 390);
    assert_int_equal(sums[6], 60);
    assert_int_equal(sums[10], (int64_t)h.simulated.restored);
    assert_int_equal(sums[11], 390 - (int64_t)h.simulated.restored);
    end(&h);
}

static enum code no_mailbox(void *ctx, struct str line, struct error *e)
{
    size_t *lines = ctx;
    JSON(whole);
    ++*lines;
    TRY(json_read(line, &whole, e));
    const json_t *n = json_object_get(whole, "notice");
    if (!json_string_value(json_object_get(n, "type")) ||
        json_array_size(json_object_get(n, "works_attributes")) == 0 ||
        json_array_size(json_object_get(n, "entity_notice_roles_attributes")) < 2)
        return fail(e, ERR_CORRUPT, "a notice without type, works or entities");
    return memchr(line.at, '@', line.length) ? fail(e, ERR_CORRUPT, "a mailbox is told") : OK;
}

TEST(the_archive_tells_each_notice_and_no_mailbox)
{
    HALF_YEAR(h);
    struct archive_options o = { .from = INSTANT_FIRST,
                                 .until = INSTANT_NEVER,
                                 .recipient = "Commons",
                                 .catalogue = world_catalogue(h.scene.world) };
    size_t count, lines = 0;
    CHECK_OK(desk_report_archive(h.tx, &o, no_mailbox, &lines, &count, e));
    assert_int_equal(count, h.simulated.notices);
    assert_int_equal(lines, count);
    end(&h);
}

static enum code no_body(void *ctx, struct str body, struct error *e)
{
    (void)ctx;
    (void)body;
    return fail(e, ERR_CORRUPT, "a statement from 2014");
}

TEST(statements_from_before_the_database_are_counted_and_left_out)
{
    HALF_YEAR(h);
    struct statement_counts counts;
    CHECK_OK(desk_report_statements(h.tx, INSTANT_FIRST, INSTANT_NEVER, no_body, NULL, &counts, e));
    assert_int_equal(counts.early, 390);
    assert_int_equal(counts.statements, 0);
    end(&h);
}

TEST(a_dossier_checks_and_a_changed_byte_of_it_does_not)
{
    HALF_YEAR(h);
    BUF(text);
    struct dossier_report report;
    struct dossier_options o = { .from = INSTANT_FIRST,
                                 .until = INSTANT_NEVER,
                                 .beacon = "drawn later",
                                 .sample = 20,
                                 .secret = world_sign_secret(h.scene.world),
                                 .key = world_sign_public(h.scene.world) };
    CHECK_OK(desk_dossier_write(h.tx, &o, &text, e));
    CHECK_OK(desk_dossier_check(buf_as_str(&text), o.key, &report, e));
    assert_int_equal(report.requests, 450);
    assert_int_equal(report.turned_down, 60);
    assert_int_equal(report.sampled, 20);
    for (size_t at = 7; at < text.length; at += text.length / 40) {
        text.bytes[at] ^= 1;
        struct error e = { 0 };
        assert_int_not_equal(desk_dossier_check(buf_as_str(&text), o.key, &report, &e), OK);
        text.bytes[at] ^= 1;
    }
    end(&h);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORE_TEST(each_figure_is_what_its_events_add_up_to),
        STORE_TEST(an_event_of_a_figure_says_what_the_figure_says),
        STORE_TEST(the_eleven_sheets_have_their_columns_and_trace_their_figures),
        cmocka_unit_test(figures_are_called_by_words),
        STORE_TEST(months_sum_to_the_period),
        STORE_TEST(the_archive_tells_each_notice_and_no_mailbox),
        STORE_TEST(statements_from_before_the_database_are_counted_and_left_out),
        STORE_TEST(a_dossier_checks_and_a_changed_byte_of_it_does_not),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
