/* SPDX-License-Identifier: Apache-2.0 */
/* The handlers of the commands, one file each or one file for a group. */
#ifndef LICET_CLI_COMMANDS_H
#define LICET_CLI_COMMANDS_H

#include "cli/cli.h"

enum code cli_app_add(struct cli_call *c, struct error *e);
enum code cli_app_list(struct cli_call *c, struct error *e);
enum code cli_app_resume(struct cli_call *c, struct error *e);
enum code cli_app_suspend(struct cli_call *c, struct error *e);
enum code cli_backup(struct cli_call *c, struct error *e);
enum code cli_catalogue_import(struct cli_call *c, struct error *e);
enum code cli_config(struct cli_call *c, struct error *e);
enum code cli_deal_agree(struct cli_call *c, struct error *e);
enum code cli_deal_diff(struct cli_call *c, struct error *e);
enum code cli_deal_list(struct cli_call *c, struct error *e);
enum code cli_deal_offer(struct cli_call *c, struct error *e);
enum code cli_deal_reject(struct cli_call *c, struct error *e);
enum code cli_deal_show(struct cli_call *c, struct error *e);
enum code cli_deal_terminate(struct cli_call *c, struct error *e);
enum code cli_decide(struct cli_call *c, struct error *e);
enum code cli_desk_simulate(struct cli_call *c, struct error *e);
enum code cli_doctor(struct cli_call *c, struct error *e);
enum code cli_evidence(struct cli_call *c, struct error *e);
enum code cli_explain(struct cli_call *c, struct error *e);
enum code cli_fingerprint(struct cli_call *c, struct error *e);
enum code cli_help(struct cli_call *c, struct error *e);
enum code cli_identify(struct cli_call *c, struct error *e);
enum code cli_index_check(struct cli_call *c, struct error *e);
enum code cli_index_info(struct cli_call *c, struct error *e);
enum code cli_index_rebuild(struct cli_call *c, struct error *e);
enum code cli_init(struct cli_call *c, struct error *e);
enum code cli_jobs_list(struct cli_call *c, struct error *e);
enum code cli_jobs_retry(struct cli_call *c, struct error *e);
enum code cli_jobs_run(struct cli_call *c, struct error *e);
enum code cli_issue_scan(struct cli_call *c, struct error *e);
enum code cli_journal_check(struct cli_call *c, struct error *e);
enum code cli_journal_head(struct cli_call *c, struct error *e);
enum code cli_journal_list(struct cli_call *c, struct error *e);
enum code cli_journal_verify(struct cli_call *c, struct error *e);
enum code cli_key_add(struct cli_call *c, struct error *e);
enum code cli_key_list(struct cli_call *c, struct error *e);
enum code cli_key_renew(struct cli_call *c, struct error *e);
enum code cli_key_revoke(struct cli_call *c, struct error *e);
enum code cli_licence_check(struct cli_call *c, struct error *e);
enum code cli_licence_compare(struct cli_call *c, struct error *e);
enum code cli_licence_diff(struct cli_call *c, struct error *e);
enum code cli_licence_end(struct cli_call *c, struct error *e);
enum code cli_licence_import(struct cli_call *c, struct error *e);
enum code cli_licence_list(struct cli_call *c, struct error *e);
enum code cli_licence_show(struct cli_call *c, struct error *e);
enum code cli_migrate(struct cli_call *c, struct error *e);
enum code cli_network_add(struct cli_call *c, struct error *e);
enum code cli_network_list(struct cli_call *c, struct error *e);
enum code cli_notice_decide(struct cli_call *c, struct error *e);
enum code cli_notice_import(struct cli_call *c, struct error *e);
enum code cli_notice_letters(struct cli_call *c, struct error *e);
enum code cli_notice_list(struct cli_call *c, struct error *e);
enum code cli_notice_show(struct cli_call *c, struct error *e);
enum code cli_notice_withdraw(struct cli_call *c, struct error *e);
enum code cli_partner_list(struct cli_call *c, struct error *e);
enum code cli_partner_set(struct cli_call *c, struct error *e);
enum code cli_party_add(struct cli_call *c, struct error *e);
enum code cli_party_list(struct cli_call *c, struct error *e);
enum code cli_plays_batch(struct cli_call *c, struct error *e);
enum code cli_plays_filter(struct cli_call *c, struct error *e);
enum code cli_plays_import(struct cli_call *c, struct error *e);
enum code cli_recording_list(struct cli_call *c, struct error *e);
enum code cli_reference_add(struct cli_call *c, struct error *e);
enum code cli_reference_list(struct cli_call *c, struct error *e);
enum code cli_reference_withdraw(struct cli_call *c, struct error *e);
enum code cli_report_dossier(struct cli_call *c, struct error *e);
enum code cli_restore(struct cli_call *c, struct error *e);
enum code cli_sender_put(struct cli_call *c, struct error *e);
enum code cli_serve(struct cli_call *c, struct error *e);
enum code cli_thing_add(struct cli_call *c, struct error *e);
enum code cli_thing_history(struct cli_call *c, struct error *e);
enum code cli_thing_list(struct cli_call *c, struct error *e);
enum code cli_thing_show(struct cli_call *c, struct error *e);
enum code cli_thing_withdraw(struct cli_call *c, struct error *e);
enum code cli_statement_balance(struct cli_call *c, struct error *e);
enum code cli_statement_close(struct cli_call *c, struct error *e);
enum code cli_statement_export(struct cli_call *c, struct error *e);
enum code cli_statement_list(struct cli_call *c, struct error *e);
enum code cli_statement_pay(struct cli_call *c, struct error *e);
enum code cli_statement_show(struct cli_call *c, struct error *e);
enum code cli_upload(struct cli_call *c, struct error *e);
enum code cli_user_add(struct cli_call *c, struct error *e);
enum code cli_user_link(struct cli_call *c, struct error *e);
enum code cli_user_list(struct cli_call *c, struct error *e);
enum code cli_webhook_add(struct cli_call *c, struct error *e);
enum code cli_webhook_list(struct cli_call *c, struct error *e);
enum code cli_webhook_remove(struct cli_call *c, struct error *e);
enum code cli_webhook_replay(struct cli_call *c, struct error *e);
enum code cli_version(struct cli_call *c, struct error *e);

#endif
