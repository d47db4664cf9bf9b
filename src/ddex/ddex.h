/* SPDX-License-Identifier: Apache-2.0 */
/* The door of ddex: ERN messages in, records of the registry out.
 *
 * reader.h   XML from strangers, read in a confined child, as plain structs
 * message.h  those structs
 * import.h   a message into the registry, and what became of it (report.h)
 * kept.h     partners: who sends, and how its messages are meant
 * rules.h    every reason for which something is not taken, by name
 *
 * libxml2 has its home here (scan.c). No text of the standard's schemas is here: names of elements
 * and values are facts, the tables are our own (docs/formats/ern.md). */
#ifndef LICET_DDEX_DDEX_H
#define LICET_DDEX_DDEX_H

#include "ddex/import.h"
#include "ddex/reader.h"

#endif
