/* SPDX-License-Identifier: Apache-2.0 */
/* The door of registry: who holds what, where and since when. */
#ifndef LICET_REGISTRY_REGISTRY_H
#define LICET_REGISTRY_REGISTRY_H

#include "registry/conflicts.h"
#include "registry/csv.h"
#include "registry/identifiers.h"
#include "registry/import.h"
#include "registry/records.h"
#include "registry/shares.h"
#include "registry/territories.h"
#include "registry/types.h"
#include "registry/upload_claims.h"

#endif
