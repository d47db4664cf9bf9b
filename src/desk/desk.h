/* SPDX-License-Identifier: Apache-2.0 */
/* The door of desk: removal requests from receipt to put-back.
 *
 *   pure     words, moves (states of items), clocks (deadlines, calendars), fields (what a regime
 *            asks for), standing (a sender's record), propose (what the machine would do)
 *   records  senders, notices, items, evidence, decisions, strikes, timers, letters to be sent;
 *            every act is one transaction with its journal event; nothing is ever edited
 *   reading  ACNS, mail, JSON and CSV into one struct notice_draft
 *   reports  everything out of the journal: totals, dossier, statements of reasons, sheets
 */
#ifndef LICET_DESK_DESK_H
#define LICET_DESK_DESK_H

#include "desk/clocks.h"
#include "desk/fields.h"
#include "desk/moves.h"
#include "desk/names.h"
#include "desk/propose.h"
#include "desk/reading.h"
#include "desk/records.h"
#include "desk/redact.h"
#include "desk/report.h"
#include "desk/scan.h"
#include "desk/standing.h"
#include "desk/words.h"

#endif
