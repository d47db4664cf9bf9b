/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include "scene.h"

/* ---- what each row of the table below changes in the scene ---- */

static void nothing(struct scene *s)
{
    (void)s;
}
static void app_unknown(struct scene *s)
{
    s->asked.app.bytes[3] = 9;
}
static void app_of_another_network(struct scene *s)
{
    s->apps[0].network.bytes[3] = 9;
}
static void app_suspended(struct scene *s)
{
    s->apps[0].suspended = true;
}
static void network_unknown(struct scene *s)
{
    s->asked.network.bytes[3] = 9;
    s->apps[0].network = s->asked.network;
}
static void network_closed(struct scene *s)
{
    s->networks[0].closed = scene_set("DE,AT");
}
static void network_closed_elsewhere(struct scene *s)
{
    s->networks[0].closed = scene_set("Worldwide -DE");
}
static void territory_unknown(struct scene *s)
{
    s->asked.territory = TERRITORY_UNKNOWN;
}
static void order_on_recording(struct scene *s)
{
    scene_order(s);
}
static void order_on_upload(struct scene *s)
{
    struct rights_order *o = scene_order(s);
    o->upload = s->asked.upload;
    memset(&o->recording, 0, sizeof o->recording);
}
static void order_elsewhere(struct scene *s)
{
    scene_order(s)->territories = scene_set("FR");
}
static void order_over(struct scene *s)
{
    scene_order(s)->until = s->asked.at;
}
static void restricted(struct scene *s)
{
    s->upload.facts.restriction = RESTRICTION_NOTICE;
}
static void restricted_until_now(struct scene *s)
{
    s->upload.facts.restriction = RESTRICTION_NOTICE;
    s->upload.facts.restricted_until = s->asked.at;
}
static void restricted_without_end(struct scene *s)
{
    s->upload.facts.restriction = RESTRICTION_NOTICE;
    s->upload.facts.restricted_until = (struct instant) { 0 };
}
static void stay_down(struct scene *s)
{
    s->upload.facts.restriction = RESTRICTION_STAY_DOWN;
}
static void not_heard(struct scene *s)
{
    s->upload.facts.hearing = HEARING_NONE;
    s->upload.match_count = 0;
}
static void not_heard_preview(struct scene *s)
{
    not_heard(s);
    s->networks[0].rules.unheard = UNHEARD_PREVIEW;
}
static void not_heard_full(struct scene *s)
{
    not_heard(s);
    s->networks[0].rules.unheard = UNHEARD_FULL;
}
static void incomplete(struct scene *s)
{
    s->upload.facts.hearing = HEARING_PART;
    s->upload.match_count = 0;
    s->networks[0].rules.unmatched = UNMATCHED_FULL;
}
static void incomplete_preview(struct scene *s)
{
    incomplete(s);
    s->networks[0].rules.unheard = UNHEARD_PREVIEW;
}
static void incomplete_full(struct scene *s)
{
    incomplete(s);
    s->networks[0].rules.unheard = UNHEARD_FULL;
}
static void incomplete_but_blocked(struct scene *s)
{
    s->upload.facts.hearing = HEARING_PART;
    s->networks[0].rules.unheard = UNHEARD_FULL;
    scene_policy(s, 0, ACTION_BLOCK, "");
}
static void uploader_suspended(struct scene *s)
{
    s->upload.facts.uploader_suspended = true;
}
static void uploader_suspended_preview(struct scene *s)
{
    uploader_suspended(s);
    s->networks[0].rules.suspended = UNHEARD_PREVIEW;
}
static void uploader_suspended_full(struct scene *s)
{
    uploader_suspended(s);
    s->networks[0].rules.suspended = UNHEARD_FULL;
}
static void blocked(struct scene *s)
{
    scene_policy(s, 0, ACTION_BLOCK, "seconds > 30 & percent_of_upload >= 33.3");
}
static void block_one_condition_short(struct scene *s)
{
    scene_policy(s, 0, ACTION_BLOCK, "seconds > 30 & percent_of_upload >= 33.34");
}
static void block_exactly_sixty(struct scene *s)
{
    scene_policy(s, 0, ACTION_BLOCK, "seconds = 60 & percent_of_reference <= 30");
}
static void block_not_over_sixty(struct scene *s)
{
    scene_policy(s, 0, ACTION_BLOCK, "seconds > 60");
}
static void block_unless_sixty(struct scene *s)
{
    scene_policy(s, 0, ACTION_BLOCK, "seconds != 60");
}
static void block_under(struct scene *s)
{
    scene_policy(s, 0, ACTION_BLOCK, "percent_of_reference < 30.00000001");
}
static void block_elsewhere(struct scene *s)
{
    scene_policy(s, 0, ACTION_BLOCK, "")->territories = scene_set("Worldwide -DE");
}
static void block_for_this_app(struct scene *s)
{
    struct holder_policy *p = scene_policy(s, 0, ACTION_BLOCK, "");
    p->apps = &s->apps[0].id;
    p->app_count = 1;
}
static void block_for_another_app(struct scene *s)
{
    static const struct app_id other = { { 77 } };
    struct holder_policy *p = scene_policy(s, 0, ACTION_BLOCK, "");
    p->apps = &other;
    p->app_count = 1;
}
static void block_later(struct scene *s)
{
    scene_policy(s, 0, ACTION_BLOCK, "")->from = (struct instant) { s->asked.at.us + 1 };
}
static void block_from_now(struct scene *s)
{
    scene_policy(s, 0, ACTION_BLOCK, "")->from = s->asked.at;
}
static void block_of_this_recording(struct scene *s)
{
    scene_policy(s, 0, ACTION_BLOCK, "")->recording = s->recordings[0].id;
}
static void block_of_another_recording(struct scene *s)
{
    scene_policy(s, 0, ACTION_BLOCK, "")->recording = s->recordings[1].id;
}
static void block_without_a_share(struct scene *s)
{
    scene_policy(s, 1, ACTION_BLOCK, "");
}
static void block_by_the_mechanical_holder(struct scene *s)
{
    scene_claim(s, 0, 1, RIGHT_MECHANICAL, SHARE_WHOLE_E8);
    scene_licence(s, 1);
    scene_policy(s, 1, ACTION_BLOCK, "");
}
static void block_beside_report(struct scene *s)
{
    scene_policy(s, 0, ACTION_REPORT, "percent_of_reference > 10");
    scene_policy(s, 0, ACTION_BLOCK, "percent_of_reference > 25");
}
static void unlicensed(struct scene *s)
{
    s->licence_count = 0;
}
static void unlicensed_preview(struct scene *s)
{
    s->licence_count = 0;
    s->networks[0].rules.unlicensed = UNLICENSED_PREVIEW;
}
static void unlicensed_full(struct scene *s)
{
    s->licence_count = 0;
    s->networks[0].rules.unlicensed = UNLICENSED_FULL;
}
static void licence_elsewhere(struct scene *s)
{
    s->licences[0].territories = scene_set("Worldwide -DE");
}
static void licence_over(struct scene *s)
{
    s->licences[0].until = s->asked.at;
}
static void licence_later(struct scene *s)
{
    s->licences[0].from = (struct instant) { s->asked.at.us + 1 };
}
static void licence_for_another_app(struct scene *s)
{
    static const struct app_id other = { { 77 } };
    s->licences[0].apps = &other;
    s->licences[0].app_count = 1;
}
static void licence_for_another_network(struct scene *s)
{
    static const struct network_id other = { { 77 } };
    s->licences[0].networks = &other;
    s->licences[0].network_count = 1;
}
static void licence_for_this_network(struct scene *s)
{
    s->licences[0].networks = &s->networks[0].id;
    s->licences[0].network_count = 1;
}
static void licence_for_subscribers(struct scene *s)
{
    s->licences[0].models = MODEL_BIT(MODEL_SUBSCRIPTION);
}
static void licence_for_stream(struct scene *s)
{
    s->licences[0].uses = USE_BIT(USE_STREAM);
}
static void licence_for_preview(struct scene *s)
{
    s->licences[0].uses = USE_BIT(USE_PREVIEW);
}
static void one_owner_without_licence(struct scene *s)
{
    s->claims[0].share_e8 = 60000000;
    scene_claim(s, 0, 1, RIGHT_MAKING_AVAILABLE, 40000000);
}
static void thirds(struct scene *s)
{
    s->claims[0].share_e8 = 33333333;
    scene_claim(s, 0, 1, RIGHT_MAKING_AVAILABLE, 33330000);
    scene_claim(s, 0, 2, RIGHT_MAKING_AVAILABLE, 33333333);
    scene_licence(s, 1);
    scene_licence(s, 2);
}
static void over_claimed(struct scene *s)
{
    scene_claim(s, 0, 1, RIGHT_MAKING_AVAILABLE, 25000000);
    scene_licence(s, 1);
}
static void over_claimed_restrictive(struct scene *s)
{
    over_claimed(s);
    s->networks[0].rules.conflict = CONFLICT_MOST_RESTRICTIVE;
}
static void over_claimed_restrictive_block(struct scene *s)
{
    over_claimed_restrictive(s);
    scene_policy(s, 1, ACTION_BLOCK, "");
}
static void over_claimed_first(struct scene *s)
{
    over_claimed(s);
    s->licence_count = 1; /* the late one has no licence, and does not count */
    scene_policy(s, 1, ACTION_BLOCK, "");
    s->networks[0].rules.conflict = CONFLICT_FIRST_FILED;
}
static void over_claimed_first_is_the_other(struct scene *s)
{
    over_claimed_first(s);
    s->claims[1].filed = (struct instant) { s->claims[0].filed.us - 1 };
}
static void over_claimed_scaled(struct scene *s)
{
    over_claimed(s);
    s->networks[0].rules.conflict = CONFLICT_SCALE;
}
static void over_claimed_undisputed(struct scene *s)
{
    over_claimed(s);
    s->networks[0].rules.conflict = CONFLICT_PAY_UNDISPUTED;
}
static void over_claimed_elsewhere(struct scene *s)
{
    over_claimed(s);
    s->claims[1].territories = scene_set("FR");
}
static void over_claimed_downloads(struct scene *s)
{
    scene_claim(s, 0, 0, RIGHT_REPRODUCTION, SHARE_WHOLE_E8);
    scene_claim(s, 0, 0, RIGHT_REPRODUCTION, SHARE_WHOLE_E8);
}
static void over_claimed_print(struct scene *s)
{
    scene_claim(s, 0, 1, RIGHT_PRINT, SHARE_WHOLE_E8);
    scene_claim(s, 0, 1, RIGHT_PRINT, SHARE_WHOLE_E8);
}
static void unclaimed(struct scene *s)
{
    s->claims[0].share_e8 = 75000000;
}
static void claimed_elsewhere(struct scene *s)
{
    s->claims[0].territories = scene_set("FR");
}
static void unclaimed_restrictive(struct scene *s)
{
    unclaimed(s);
    s->networks[0].rules.conflict = CONFLICT_MOST_RESTRICTIVE;
}
static void unclaimed_restrictive_preview(struct scene *s)
{
    unclaimed_restrictive(s);
    s->networks[0].rules.unlicensed = UNLICENSED_PREVIEW;
}
static void unclaimed_scaled(struct scene *s)
{
    unclaimed(s);
    s->networks[0].rules.conflict = CONFLICT_SCALE;
}
static void app_clip(struct scene *s)
{
    s->apps[0].clip_seconds = 20;
}
static void app_clip_longer_than_the_preview(struct scene *s)
{
    s->apps[0].clip_seconds = 90;
}
static void licence_clip(struct scene *s)
{
    s->licences[0].clip_seconds = 15;
}
static void two_clips_the_longer_counts(struct scene *s)
{
    licence_clip(s);
    scene_licence(s, 0)->clip_seconds = 25;
}
static void clip_beside_full(struct scene *s)
{
    licence_clip(s);
    scene_licence(s, 0);
}
static void both_clips(struct scene *s)
{
    licence_clip(s);
    app_clip(s);
}
static void no_download(struct scene *s)
{
    s->apps[0].download = false;
}
static void no_offline(struct scene *s)
{
    s->apps[0].offline = false;
}
static void unmatched_hold(struct scene *s)
{
    s->upload.match_count = 0;
}
static void unmatched_preview(struct scene *s)
{
    s->upload.match_count = 0;
    s->networks[0].rules.unmatched = UNMATCHED_PREVIEW;
}
static void unmatched_full(struct scene *s)
{
    s->upload.match_count = 0;
    s->networks[0].rules.unmatched = UNMATCHED_FULL;
}
static void match_of_an_unknown_recording(struct scene *s)
{
    s->matches[0].recording.bytes[3] = 9;
}
static void second_recording_unlicensed(struct scene *s)
{
    scene_match(s, 1, 2, 80000, 120000);
    scene_claim(s, 1, 1, RIGHT_MAKING_AVAILABLE, SHARE_WHOLE_E8);
}
static void monetized(struct scene *s)
{
    scene_policy(s, 0, ACTION_MONETIZE, "");
}
static void reported(struct scene *s)
{
    scene_policy(s, 0, ACTION_REPORT, "seconds >= 10");
}
static void the_recording_itself(struct scene *s)
{
    s->ask_recording = true;
}
static void blocked_recording_itself(struct scene *s)
{
    s->ask_recording = true;
    scene_policy(s, 0, ACTION_BLOCK, "percent_of_reference >= 100 & seconds = 200");
}
static void blocked_and(struct scene *s, enum leave_kind kind)
{
    scene_policy(s, 0, ACTION_BLOCK, "");
    scene_leave(s, 0, kind);
}
static void blocked_but_allowed(struct scene *s)
{
    blocked_and(s, LEAVE_ALLOWED);
}
static void blocked_but_released(struct scene *s)
{
    blocked_and(s, LEAVE_RELEASED);
}
static void blocked_but_waiting(struct scene *s)
{
    blocked_and(s, LEAVE_WAITING);
}
static void blocked_and_disputed(struct scene *s)
{
    blocked_and(s, LEAVE_DISPUTED);
}
static void blocked_and_excepted(struct scene *s)
{
    blocked_and(s, LEAVE_EXCEPTION);
}
static void blocked_allowed_by_another(struct scene *s)
{
    scene_policy(s, 0, ACTION_BLOCK, "");
    scene_leave(s, 1, LEAVE_ALLOWED);
}
static void blocked_allowed_for_another_recording(struct scene *s)
{
    scene_policy(s, 0, ACTION_BLOCK, "");
    scene_leave(s, 0, LEAVE_ALLOWED)->recording = s->recordings[1].id;
}
static void blocked_allowed_before(struct scene *s)
{
    scene_policy(s, 0, ACTION_BLOCK, "");
    scene_leave(s, 0, LEAVE_ALLOWED)->until = s->asked.at;
}
static void unlicensed_but_allowed(struct scene *s)
{
    s->licence_count = 0;
    scene_leave(s, 0, LEAVE_ALLOWED);
}
static void unlicensed_and_waiting(struct scene *s)
{
    s->licence_count = 0;
    scene_leave(s, 0, LEAVE_WAITING);
}
static void clip_but_released(struct scene *s)
{
    s->licences[0].clip_seconds = 30;
    scene_leave(s, 0, LEAVE_RELEASED);
}
static void upload_nobody_knows(struct scene *s)
{
    s->upload = (struct upload_known) { 0 };
}

#define S USE_BIT(USE_STREAM)
#define P USE_BIT(USE_PREVIEW)
#define D USE_BIT(USE_DOWNLOAD)
#define O USE_BIT(USE_OFFLINE)

static const struct row {
    void (*change)(struct scene *s);
    enum use use;
    enum verdict_mode mode;
    const char *code;
    unsigned uses;
    int64_t length_ms; /* of the preview */
} rows[] = {
    { nothing, USE_STREAM, VERDICT_FULL, "licensed", S | P | D | O, 0 },
    { nothing, USE_PREVIEW, VERDICT_PREVIEW, "licensed", S | P | D | O, 30000 },
    { nothing, USE_DOWNLOAD, VERDICT_FULL, "licensed", S | P | D | O, 0 },
    { app_unknown, USE_STREAM, VERDICT_DENY, "app_unknown", 0, 0 },
    { app_of_another_network, USE_STREAM, VERDICT_DENY, "app_unknown", 0, 0 },
    { app_suspended, USE_STREAM, VERDICT_DENY, "app_suspended", 0, 0 },
    { app_suspended, USE_PREVIEW, VERDICT_DENY, "app_suspended", 0, 0 },
    { network_unknown, USE_STREAM, VERDICT_DENY, "network_unknown", 0, 0 },
    { network_closed, USE_STREAM, VERDICT_DENY, "network_closed", 0, 0 },
    { network_closed_elsewhere, USE_STREAM, VERDICT_FULL, "licensed", S | P | D | O, 0 },
    { territory_unknown, USE_STREAM, VERDICT_DENY, "territory_unknown", 0, 0 },
    { order_on_recording, USE_STREAM, VERDICT_DENY, "order", 0, 0 },
    { order_on_upload, USE_STREAM, VERDICT_DENY, "order", 0, 0 },
    { order_elsewhere, USE_STREAM, VERDICT_FULL, "licensed", S | P | D | O, 0 },
    { order_over, USE_STREAM, VERDICT_FULL, "licensed", S | P | D | O, 0 },
    { restricted, USE_STREAM, VERDICT_DENY, "restricted", 0, 0 },
    { restricted_until_now, USE_STREAM, VERDICT_FULL, "licensed", S | P | D | O, 0 },
    { restricted_without_end, USE_STREAM, VERDICT_DENY, "restricted", 0, 0 },
    { stay_down, USE_STREAM, VERDICT_DENY, "stay_down", 0, 0 },
    { not_heard, USE_STREAM, VERDICT_DENY, "not_heard", 0, 0 },
    { not_heard_preview, USE_STREAM, VERDICT_PREVIEW, "not_heard_preview", P, 30000 },
    { not_heard_preview, USE_DOWNLOAD, VERDICT_DENY, "not_heard_preview", P, 0 },
    { not_heard_full, USE_STREAM, VERDICT_FULL, "not_heard_full", S | P | D | O, 0 },
    { incomplete, USE_STREAM, VERDICT_DENY, "match_incomplete", 0, 0 },
    { incomplete_preview, USE_STREAM, VERDICT_PREVIEW, "match_incomplete_preview", P, 30000 },
    { incomplete_full, USE_STREAM, VERDICT_FULL, "match_incomplete_full", S | P | D | O, 0 },
    { incomplete_but_blocked, USE_STREAM, VERDICT_DENY, "blocked_by_holder", 0, 0 },
    { uploader_suspended, USE_STREAM, VERDICT_DENY, "uploader_suspended", 0, 0 },
    { uploader_suspended_preview, USE_STREAM, VERDICT_PREVIEW, "uploader_suspended_preview", P,
      30000 },
    { uploader_suspended_full, USE_STREAM, VERDICT_FULL, "uploader_suspended_full", S | P | D | O,
      0 },
    { blocked, USE_STREAM, VERDICT_DENY, "blocked_by_holder", 0, 0 },
    { block_one_condition_short, USE_STREAM, VERDICT_FULL, "licensed", S | P | D | O, 0 },
    { block_exactly_sixty, USE_STREAM, VERDICT_DENY, "blocked_by_holder", 0, 0 },
    { block_not_over_sixty, USE_STREAM, VERDICT_FULL, "licensed", S | P | D | O, 0 },
    { block_unless_sixty, USE_STREAM, VERDICT_FULL, "licensed", S | P | D | O, 0 },
    { block_under, USE_STREAM, VERDICT_DENY, "blocked_by_holder", 0, 0 },
    { block_elsewhere, USE_STREAM, VERDICT_FULL, "licensed", S | P | D | O, 0 },
    { block_for_this_app, USE_STREAM, VERDICT_DENY, "blocked_by_holder", 0, 0 },
    { block_for_another_app, USE_STREAM, VERDICT_FULL, "licensed", S | P | D | O, 0 },
    { block_later, USE_STREAM, VERDICT_FULL, "licensed", S | P | D | O, 0 },
    { block_from_now, USE_STREAM, VERDICT_DENY, "blocked_by_holder", 0, 0 },
    { block_of_this_recording, USE_STREAM, VERDICT_DENY, "blocked_by_holder", 0, 0 },
    { block_of_another_recording, USE_STREAM, VERDICT_FULL, "licensed", S | P | D | O, 0 },
    { block_without_a_share, USE_STREAM, VERDICT_FULL, "licensed", S | P | D | O, 0 },
    { block_by_the_mechanical_holder, USE_STREAM, VERDICT_FULL, "licensed", S | P, 0 },
    { block_by_the_mechanical_holder, USE_OFFLINE, VERDICT_DENY, "blocked_by_holder", S | P, 0 },
    { block_beside_report, USE_STREAM, VERDICT_DENY, "blocked_by_holder", 0, 0 },
    { unlicensed, USE_STREAM, VERDICT_DENY, "unlicensed", 0, 0 },
    { unlicensed_preview, USE_STREAM, VERDICT_PREVIEW, "unlicensed_preview", P, 30000 },
    { unlicensed_preview, USE_OFFLINE, VERDICT_DENY, "unlicensed_preview", P, 0 },
    { unlicensed_full, USE_STREAM, VERDICT_FULL, "unlicensed_reported", S | P | D | O, 0 },
    { licence_elsewhere, USE_STREAM, VERDICT_DENY, "unlicensed", 0, 0 },
    { licence_over, USE_STREAM, VERDICT_DENY, "unlicensed", 0, 0 },
    { licence_later, USE_STREAM, VERDICT_DENY, "unlicensed", 0, 0 },
    { licence_for_another_app, USE_STREAM, VERDICT_DENY, "unlicensed", 0, 0 },
    { licence_for_another_network, USE_STREAM, VERDICT_DENY, "unlicensed", 0, 0 },
    { licence_for_this_network, USE_STREAM, VERDICT_FULL, "licensed", S | P | D | O, 0 },
    { licence_for_subscribers, USE_STREAM, VERDICT_DENY, "unlicensed", 0, 0 },
    { licence_for_stream, USE_STREAM, VERDICT_FULL, "licensed", S | P, 0 },
    { licence_for_stream, USE_PREVIEW, VERDICT_PREVIEW, "licensed", S | P, 30000 },
    { licence_for_stream, USE_DOWNLOAD, VERDICT_DENY, "unlicensed", S | P, 0 },
    { licence_for_preview, USE_STREAM, VERDICT_PREVIEW, "unlicensed", P, 30000 },
    { one_owner_without_licence, USE_STREAM, VERDICT_DENY, "unlicensed", 0, 0 },
    { thirds, USE_STREAM, VERDICT_FULL, "licensed", S | P | D | O, 0 },
    { over_claimed, USE_STREAM, VERDICT_DENY, "over_claimed", 0, 0 },
    { over_claimed_restrictive, USE_STREAM, VERDICT_FULL, "over_claimed_most_restrictive",
      S | P | D | O, 0 },
    { over_claimed_restrictive_block, USE_STREAM, VERDICT_DENY, "blocked_by_holder", 0, 0 },
    { over_claimed_first, USE_STREAM, VERDICT_FULL, "over_claimed_first_filed", S | P | D | O, 0 },
    { over_claimed_first_is_the_other, USE_STREAM, VERDICT_DENY, "blocked_by_holder", 0, 0 },
    { over_claimed_scaled, USE_STREAM, VERDICT_FULL, "over_claimed_scaled", S | P | D | O, 0 },
    { over_claimed_undisputed, USE_STREAM, VERDICT_FULL, "over_claimed_undisputed", S | P | D | O,
      0 },
    { over_claimed_elsewhere, USE_STREAM, VERDICT_FULL, "licensed", S | P | D | O, 0 },
    { over_claimed_downloads, USE_STREAM, VERDICT_FULL, "licensed", S | P, 0 },
    { over_claimed_downloads, USE_DOWNLOAD, VERDICT_DENY, "over_claimed", S | P, 0 },
    { over_claimed_print, USE_STREAM, VERDICT_FULL, "licensed", S | P | D | O, 0 },
    { unclaimed, USE_STREAM, VERDICT_DENY, "unclaimed", 0, 0 },
    { claimed_elsewhere, USE_STREAM, VERDICT_DENY, "unclaimed", 0, 0 },
    { unclaimed_restrictive, USE_STREAM, VERDICT_DENY, "unclaimed_unlicensed", 0, 0 },
    { unclaimed_restrictive_preview, USE_STREAM, VERDICT_PREVIEW, "unclaimed_preview", P, 30000 },
    { unclaimed_scaled, USE_STREAM, VERDICT_FULL, "unclaimed_reported", S | P | D | O, 0 },
    { match_of_an_unknown_recording, USE_STREAM, VERDICT_DENY, "unclaimed", 0, 0 },
    { app_clip, USE_STREAM, VERDICT_PREVIEW, "app_clip", P, 20000 },
    { app_clip, USE_PREVIEW, VERDICT_PREVIEW, "app_clip", P, 20000 },
    { app_clip, USE_DOWNLOAD, VERDICT_DENY, "app_clip", P, 0 },
    { app_clip_longer_than_the_preview, USE_STREAM, VERDICT_PREVIEW, "app_clip", P, 30000 },
    { licence_clip, USE_STREAM, VERDICT_PREVIEW, "licence_clip", P, 15000 },
    { licence_clip, USE_DOWNLOAD, VERDICT_DENY, "unlicensed", P, 0 },
    { two_clips_the_longer_counts, USE_STREAM, VERDICT_PREVIEW, "licence_clip", P, 25000 },
    { clip_beside_full, USE_STREAM, VERDICT_FULL, "licensed", S | P | D | O, 0 },
    { both_clips, USE_STREAM, VERDICT_PREVIEW, "licence_clip", P, 15000 },
    { no_download, USE_DOWNLOAD, VERDICT_DENY, "app_no_download", S | P | O, 0 },
    { no_download, USE_STREAM, VERDICT_FULL, "licensed", S | P | O, 0 },
    { no_offline, USE_OFFLINE, VERDICT_DENY, "app_no_offline", S | P | D, 0 },
    { unmatched_hold, USE_STREAM, VERDICT_DENY, "unmatched_held", 0, 0 },
    { unmatched_preview, USE_STREAM, VERDICT_PREVIEW, "unmatched_preview", P, 30000 },
    { unmatched_full, USE_STREAM, VERDICT_FULL, "unmatched", S | P | D | O, 0 },
    { second_recording_unlicensed, USE_STREAM, VERDICT_DENY, "unlicensed", 0, 0 },
    { monetized, USE_STREAM, VERDICT_FULL, "licensed", S | P | D | O, 0 },
    { reported, USE_STREAM, VERDICT_FULL, "licensed", S | P | D | O, 0 },
    { the_recording_itself, USE_STREAM, VERDICT_FULL, "licensed", S | P | D | O, 0 },
    { blocked_recording_itself, USE_STREAM, VERDICT_DENY, "blocked_by_holder", 0, 0 },
    { upload_nobody_knows, USE_STREAM, VERDICT_DENY, "not_heard", 0, 0 },
    { blocked_but_allowed, USE_STREAM, VERDICT_FULL, "licensed", S | P | D | O, 0 },
    { blocked_but_released, USE_STREAM, VERDICT_FULL, "licensed", S | P | D | O, 0 },
    { blocked_but_waiting, USE_STREAM, VERDICT_FULL, "licensed", S | P | D | O, 0 },
    { blocked_and_disputed, USE_STREAM, VERDICT_DENY, "blocked_by_holder", 0, 0 },
    { blocked_and_excepted, USE_STREAM, VERDICT_DENY, "blocked_by_holder", 0, 0 },
    { blocked_allowed_by_another, USE_STREAM, VERDICT_DENY, "blocked_by_holder", 0, 0 },
    { blocked_allowed_for_another_recording, USE_STREAM, VERDICT_DENY, "blocked_by_holder", 0, 0 },
    { blocked_allowed_before, USE_STREAM, VERDICT_DENY, "blocked_by_holder", 0, 0 },
    { unlicensed_but_allowed, USE_STREAM, VERDICT_FULL, "allowed_by_holder", S | P | D | O, 0 },
    { unlicensed_and_waiting, USE_STREAM, VERDICT_DENY, "unlicensed", 0, 0 },
    { clip_but_released, USE_STREAM, VERDICT_FULL, "claim_released", S | P | D | O, 0 },
};

TEST(each_row_gives_its_verdict)
{
    bool fired[RULE_COUNT] = { false };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct scene s;
        owned(rights) r = NULL;
        ARENA(a);
        struct facts f;
        struct verdict v;
        scene_init(&s);
        s.asked.use = rows[i].use;
        rows[i].change(&s);
        scene_judge(&s, &r, &a, &f, &v);
        if (v.mode != rows[i].mode || strcmp(v.reason_code, rows[i].code) != 0 ||
            v.uses != rows[i].uses || v.preview_length_ms != rows[i].length_ms)
            STOP("row %zu (%s): %s because of %s, uses %x, preview %lld ms", i, rows[i].code,
                 verdict_mode_word(v.mode), v.reason_code, v.uses, (long long)v.preview_length_ms);
        for (size_t k = 0; k < v.reason_count; k++)
            fired[v.reasons[k].rule] = true;
    }
    for (int rule = 0; rule < RULE_COUNT; rule++)
        if (!fired[rule])
            STOP("no row makes %s fire", rule_code((enum rule)rule));
}

TEST(every_rule_that_fires_is_kept)
{
    struct scene s;
    owned(rights) r = NULL;
    ARENA(a);
    struct facts f;
    struct verdict v;
    scene_init(&s);
    app_suspended(&s);
    network_closed(&s);
    order_on_recording(&s);
    stay_down(&s);
    uploader_suspended(&s);
    blocked(&s);
    unlicensed(&s);
    unclaimed(&s);
    app_clip(&s);
    no_download(&s);
    no_offline(&s);
    monetized(&s);
    scene_judge(&s, &r, &a, &f, &v);
    static const char *const codes[] = {
        "app_suspended",      "network_closed",    "order",          "stay_down",
        "uploader_suspended", "blocked_by_holder", "unlicensed",     "unclaimed",
        "app_clip",           "app_no_download",   "app_no_offline", "monetized_by_holder"
    };
    assert_int_equal(v.reason_count, COUNT_OF(codes));
    for (size_t i = 0; i < COUNT_OF(codes); i++)
        assert_string_equal(rule_code(v.reasons[i].rule), codes[i]);
    assert_string_equal(v.reason_code, "app_suspended");
}

TEST(a_reason_names_its_record_and_version)
{
    struct scene s;
    owned(rights) r = NULL;
    ARENA(a);
    struct facts f;
    struct verdict v;
    scene_init(&s);
    blocked(&s);
    scene_judge(&s, &r, &a, &f, &v);
    const struct reason *why = &v.reasons[v.decisive];
    assert_int_equal(why->kind, RECORD_POLICY);
    assert_int_equal(why->version, 3);
    assert_memory_equal(why->id, s.policies[0].id.bytes, ID_BYTES);
    assert_ptr_equal(why->recording, &f.recordings[0]);
}

TEST(a_verdict_is_valid_until_its_first_input_changes)
{
    struct scene s;
    owned(rights) r = NULL;
    ARENA(a);
    struct facts f;
    struct verdict v;
    scene_init(&s);
    int64_t at = s.asked.at.us;
    scene_judge(&s, &r, &a, &f, &v);
    assert_int_equal(v.valid_until.us, INSTANT_NEVER.us);

    s.licences[0].until = (struct instant) { at + 900 };
    scene_policy(&s, 0, ACTION_BLOCK, "")->from = (struct instant) { at + 500 };
    scene_policy(&s, 0, ACTION_BLOCK, "")->until = (struct instant) { at - 100 }; /* over */
    scene_order(&s)->from = (struct instant) { at + 700 };
    s.orders[0].territories = scene_set("FR"); /* not here */
    rights_free(take(r));
    scene_judge(&s, &r, &a, &f, &v);
    assert_string_equal(v.reason_code, "licensed");
    assert_int_equal(v.valid_until.us, at + 500);

    s.policies[0].from = (struct instant) { at + 1000 };
    rights_free(take(r));
    scene_judge(&s, &r, &a, &f, &v);
    assert_int_equal(v.valid_until.us, at + 900);

    s.claims[0].until = (struct instant) { at + 1 };
    rights_free(take(r));
    scene_judge(&s, &r, &a, &f, &v);
    assert_int_equal(v.valid_until.us, at + 1);
}

TEST(spans_that_overlap_are_counted_once)
{
    struct scene s;
    owned(rights) r = NULL;
    ARENA(a);
    struct facts f;
    struct verdict v;
    scene_init(&s);
    s.upload.match_count = 0;
    scene_match(&s, 0, 1, 50000, 90000);
    scene_match(&s, 0, 1, 10000, 60000);
    scene_match(&s, 0, 2, 20000, 30000)->reference_ms = 10000; /* a short reference, all of it */
    scene_judge(&s, &r, &a, &f, &v);
    assert_int_equal(f.recording_count, 1);
    assert_int_equal(f.recordings[0].matched_ms, 80000);
    assert_int_equal(f.recordings[0].reference_ms, 10000);
    assert_int_equal(f.recordings[0].reference_matched_ms, 10000);
    assert_int_equal(f.recordings[0].reference.bytes[ID_BYTES - 1], 2);
}

TEST(a_snapshot_refuses_records_that_name_nothing)
{
    struct scene s;
    struct rights *r = NULL;
    scene_init(&s);
    s.claims[0].party.bytes[3] = 9;
    struct rights_input in = scene_input(&s);
    CHECK_FAILS(ERR_INVALID, "which is not there", rights_build(&in, &r, e));
    scene_init(&s);
    s.claims[0].recording.bytes[3] = 9;
    CHECK_FAILS(ERR_INVALID, "names recording rec_", rights_build(&in, &r, e));
    scene_init(&s);
    s.recordings[1].id = s.recordings[0].id;
    CHECK_FAILS(ERR_INVALID, "two recordings have the same id", rights_build(&in, &r, e));
}

/* ---- golden: the sentences people read ---- */

static bool bless;

static void put_verdict(struct buf *out, const struct row *row, size_t number)
{
    struct scene s;
    owned(rights) r = NULL;
    ARENA(a);
    struct facts f;
    struct verdict v;
    scene_init(&s);
    s.asked.use = row->use;
    row->change(&s);
    scene_judge(&s, &r, &a, &f, &v);
    buf_format(out, "%zu %s: %s, %s\n", number, use_word(row->use), verdict_mode_word(v.mode),
               v.reason_code);
    for (size_t i = 0; i < v.reason_count; i++) {
        buf_format(out, "  %s\n    ", rule_code(v.reasons[i].rule));
        policy_sentence(&f, &v.reasons[i], LANGUAGE_ENGLISH, out);
        buf_text(out, "\n    ");
        policy_sentence(&f, &v.reasons[i], LANGUAGE_RUSSIAN, out);
        buf_text(out, "\n");
    }
}

TEST(sentences_are_those_of_the_golden_file)
{
    BUF(now);
    BUF(golden);
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        put_verdict(&now, &rows[i], i);
    assert_null(strchr((char *)now.bytes, '{')); /* no place is left unfilled */
    if (bless)
        CHECK_OK(file_write(GOLDEN, now.bytes, now.length, 0644, e));
    CHECK_OK(file_read(GOLDEN, 1 << 20, &golden, e));
    if (!str_equal(buf_as_str(&now), buf_as_str(&golden)))
        STOP("sentences differ from %s (test_policy_rules --bless rewrites it)", GOLDEN);
}

TEST(the_document_lists_every_rule)
{
    BUF(page);
    CHECK_OK(file_read(DOCUMENT, 1 << 20, &page, e));
    for (int rule = 0; rule < RULE_COUNT; rule++) {
        char row[64];
        snprintf(row, sizeof row, "| %d | `%s` |", rule_group((enum rule)rule),
                 rule_code((enum rule)rule));
        if (!strstr((char *)page.bytes, row))
            STOP("%s has no row %s", DOCUMENT, row);
    }
}

int main(int argc, char **argv)
{
    bless = argc > 1 && strcmp(argv[1], "--bless") == 0;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_row_gives_its_verdict),
        cmocka_unit_test(every_rule_that_fires_is_kept),
        cmocka_unit_test(a_reason_names_its_record_and_version),
        cmocka_unit_test(a_verdict_is_valid_until_its_first_input_changes),
        cmocka_unit_test(spans_that_overlap_are_counted_once),
        cmocka_unit_test(a_snapshot_refuses_records_that_name_nothing),
        cmocka_unit_test(sentences_are_those_of_the_golden_file),
        cmocka_unit_test(the_document_lists_every_rule),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
