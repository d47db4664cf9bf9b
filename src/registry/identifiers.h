/* SPDX-License-Identifier: Apache-2.0 */
/* Identifiers of the music trade: form and check digit, and the one way each is stored.
 *
 * Every parser takes the forms people paste (blanks, hyphens and small letters between the
 * characters), writes the plain form into `out`, and on failure says which of the two was wrong:
 * the form or the check digit.
 *
 *   ISRC       2 letters, 3 letters or digits, 7 digits; no check digit exists      JPTO09404900
 *   ISWC       T, 9 digits, check digit                                             T0345246801
 *   IPI name   9 digits, 2 check digits; leading zeros may be missing               00014107338
 *   IPI base   I-, 9 digits, -, check digit                                         I-001068130-6
 *   ISNI       15 digits, check digit or X (ISO 7064 MOD 11-2)                      0000000081266409
 *   GTIN       12 (UPC), 13 (EAN) or 14 digits with the GS1 check digit             0094631432057
 *   GRid       A1, 5, 10 and a check character (ISO 7064 MOD 37,36)                 A12425GABC1234002M
 *   DPID       PADPIDA, 10 digits, a check character (MOD 37,36 over the whole)     PADPIDA2013042401U
 */
#ifndef LICET_REGISTRY_IDENTIFIERS_H
#define LICET_REGISTRY_IDENTIFIERS_H

#include "base/base.h"

enum { IDENTIFIER_TEXT = 20 };

MUST_USE enum code isrc_parse(struct str text, char out[IDENTIFIER_TEXT], struct error *e);
MUST_USE enum code iswc_parse(struct str text, char out[IDENTIFIER_TEXT], struct error *e);
MUST_USE enum code ipi_name_parse(struct str text, char out[IDENTIFIER_TEXT], struct error *e);
MUST_USE enum code ipi_base_parse(struct str text, char out[IDENTIFIER_TEXT], struct error *e);
MUST_USE enum code isni_parse(struct str text, char out[IDENTIFIER_TEXT], struct error *e);
MUST_USE enum code gtin_parse(struct str text, char out[IDENTIFIER_TEXT], struct error *e);
MUST_USE enum code grid_parse(struct str text, char out[IDENTIFIER_TEXT], struct error *e);

/* Many messages in the wild carry placeholder DPIDs whose check character is wrong, so a wrong one
 * is told in *checks and is no failure.
 * errors  INVALID the form is wrong */
MUST_USE enum code dpid_parse(struct str text, char out[IDENTIFIER_TEXT], bool *checks,
                              struct error *e);

#endif
