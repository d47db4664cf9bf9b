/* SPDX-License-Identifier: Apache-2.0 */
/* The table of what is read of a message, for all versions. */
#include "ddex/shapes.h"

#include <pthread.h>

#define ROW(name) #name,
const char *const ern_names[N_COUNT] = {
#include "ddex/names.def"
};
#undef ROW

#define SIZE(kind, type, name) sizeof(type),
static const size_t kind_sizes[ERN_KIND_COUNT] = { ERN_RECORDS(SIZE) };
#undef SIZE

size_t ern_kind_size(enum ern_kind kind)
{
    return kind_sizes[kind];
}

#define INTO(shape, name, to)                                                                      \
    {                                                                                              \
        SHAPE_##shape, ACT_INTO, SHAPE_##to, N_##name, 0, 0                                        \
    }
#define RECORD(shape, name, to, kind)                                                              \
    {                                                                                              \
        SHAPE_##shape, ACT_RECORD, SHAPE_##to, N_##name, 0, kind                                   \
    }
#define GROUP(shape, name, to, type, member, of)                                                   \
    {                                                                                              \
        SHAPE_##shape, ACT_GROUP, SHAPE_##to, N_##name, offsetof(type, member), sizeof(of)         \
    }
#define TEXT(shape, name, type, member)                                                            \
    {                                                                                              \
        SHAPE_##shape, ACT_TEXT, SHAPE_NONE, N_##name, offsetof(type, member), 0                   \
    }
#define TEXT_INTO(shape, name, to, type, member)                                                   \
    {                                                                                              \
        SHAPE_##shape, ACT_TEXT, SHAPE_##to, N_##name, offsetof(type, member), 0                   \
    }
#define TEXTS(shape, name, type, member)                                                           \
    {                                                                                              \
        SHAPE_##shape, ACT_TEXTS, SHAPE_NONE, N_##name, offsetof(type, member), 0                  \
    }

/* Each shape fills one struct; several shapes of one struct stand for the parents in between. */
/* clang-format off */
static const struct shape_member members[] = {
    RECORD(MESSAGE, MessageHeader, HEADER, ERN_HEADER),
    INTO(MESSAGE, PartyList, PARTY_LIST),
    INTO(MESSAGE, ResourceList, RESOURCE_LIST),
    INTO(MESSAGE, ReleaseList, RELEASE_LIST),
    INTO(MESSAGE, DealList, DEAL_LIST),
    RECORD(MESSAGE, PurgedRelease, PURGE, ERN_PURGE),
    RECORD(MESSAGE, MessageInBatch, BATCH_ITEM, ERN_BATCH_ITEM),

    TEXT(HEADER, root, struct ern_header, root),
    TEXT(HEADER, space, struct ern_header, space),
    TEXT(HEADER, profile, struct ern_header, profile),
    TEXT(HEADER, MessageThreadId, struct ern_header, thread),
    TEXT(HEADER, MessageId, struct ern_header, id),
    TEXT(HEADER, MessageCreatedDateTime, struct ern_header, created),
    TEXT(HEADER, MessageControlType, struct ern_header, control),
    GROUP(HEADER, MessageSender, WHO, struct ern_header, senders, struct ern_who),
    GROUP(HEADER, SentOnBehalfOf, WHO, struct ern_header, behalves, struct ern_who),
    GROUP(HEADER, MessageRecipient, WHO, struct ern_header, recipients, struct ern_who),

    TEXT_INTO(WHO, PartyId, WHO_ID, struct ern_who, id),
    INTO(WHO, PartyName, NAME),
    TEXT(WHO_ID, DPID, struct ern_who, dpid),
    TEXT(WHO_ID, ISNI, struct ern_who, isni),
    TEXT(WHO_ID, IpiNameNumber, struct ern_who, ipi),
    TEXT(WHO_ID, ProprietaryId, struct ern_who, own),
    TEXT(NAME, FullName, struct ern_who, name),

    RECORD(PARTY_LIST, Party, PARTY, ERN_PARTY),
    TEXT(PARTY, PartyReference, struct ern_party, reference),
    TEXT_INTO(PARTY, PartyId, PARTY_ID, struct ern_party, who.id),
    INTO(PARTY, PartyName, PARTY_NAME),
    TEXT(PARTY_ID, DPID, struct ern_party, who.dpid),
    TEXT(PARTY_ID, ISNI, struct ern_party, who.isni),
    TEXT(PARTY_ID, IpiNameNumber, struct ern_party, who.ipi),
    TEXT(PARTY_ID, ProprietaryId, struct ern_party, who.own),
    TEXT(PARTY_NAME, FullName, struct ern_party, who.name),

    RECORD(RESOURCE_LIST, SoundRecording, RECORDING, ERN_RECORDING),
    RECORD(RESOURCE_LIST, Video, RESOURCE, ERN_RESOURCE),
    RECORD(RESOURCE_LIST, Image, RESOURCE, ERN_RESOURCE),
    RECORD(RESOURCE_LIST, Text, RESOURCE, ERN_RESOURCE),
    RECORD(RESOURCE_LIST, SheetMusic, RESOURCE, ERN_RESOURCE),
    RECORD(RESOURCE_LIST, Software, RESOURCE, ERN_RESOURCE),
    RECORD(RESOURCE_LIST, MIDI, RESOURCE, ERN_RESOURCE),
    RECORD(RESOURCE_LIST, UserDefinedResource, RESOURCE, ERN_RESOURCE),
    TEXT(RESOURCE, ResourceReference, struct ern_resource, reference),

    TEXT(RECORDING, ResourceReference, struct ern_recording, reference),
    TEXT(RECORDING, Type, struct ern_recording, type),
    TEXT(RECORDING, SoundRecordingType, struct ern_recording, type),
    INTO(RECORDING, ResourceId, RECORDING_ID),
    INTO(RECORDING, SoundRecordingId, RECORDING_ID),
    TEXT(RECORDING_ID, ISRC, struct ern_recording, isrc),
    TEXT(RECORDING_ID, ProprietaryId, struct ern_recording, own),
    INTO(RECORDING, SoundRecordingEdition, EDITION),
    INTO(EDITION, ResourceId, RECORDING_ID),
    INTO(EDITION, TechnicalDetails, TECHNICAL),
    GROUP(EDITION, SoundRecordingClipDetails, CLIP, struct ern_recording, all.clips, struct ern_clip),
    TEXT(RECORDING, Duration, struct ern_recording, duration),
    TEXTS(RECORDING, DisplayTitleText, struct ern_recording, all.titles),
    INTO(RECORDING, ReferenceTitle, TITLE),
    INTO(RECORDING, DisplayTitle, TITLE),
    TEXTS(TITLE, TitleText, struct ern_recording, all.titles),
    TEXTS(RECORDING, DisplayArtistName, struct ern_recording, all.artists),
    INTO(RECORDING, DisplayArtist, ARTIST),
    INTO(ARTIST, PartyName, ARTIST_NAME),
    TEXTS(ARTIST_NAME, FullName, struct ern_recording, all.artists),
    GROUP(RECORDING, ResourceRightsController, CONTROLLER, struct ern_recording, all.controllers,
          struct ern_controller),
    GROUP(RECORDING, RightsController, CONTROLLER, struct ern_recording, all.controllers,
          struct ern_controller),
    INTO(RECORDING, TechnicalDetails, TECHNICAL),
    INTO(RECORDING, TechnicalSoundRecordingDetails, TECHNICAL),
    GROUP(RECORDING, SoundRecordingClipDetails, CLIP, struct ern_recording, all.clips,
          struct ern_clip),
    INTO(TECHNICAL, DeliveryFile, DELIVERY),
    GROUP(TECHNICAL, File, FILE, struct ern_recording, all.files, struct ern_file),
    GROUP(TECHNICAL, PreviewDetails, CLIP, struct ern_recording, all.clips, struct ern_clip),
    GROUP(TECHNICAL, ClipDetails, CLIP, struct ern_recording, all.clips, struct ern_clip),
    GROUP(DELIVERY, File, FILE, struct ern_recording, all.files, struct ern_file),

    GROUP(RECORDING, SoundRecordingDetailsByTerritory, REGION, struct ern_recording, regions,
          struct ern_region),
    TEXTS(REGION, TerritoryCode, struct ern_region, territories),
    TEXTS(REGION, ExcludedTerritoryCode, struct ern_region, excluded),
    INTO(REGION, Title, REGION_TITLE),
    TEXTS(REGION_TITLE, TitleText, struct ern_region, titles),
    TEXTS(REGION, DisplayArtistName, struct ern_region, artists),
    INTO(REGION, DisplayArtist, REGION_ARTIST),
    INTO(REGION_ARTIST, PartyName, REGION_ARTIST_NAME),
    TEXTS(REGION_ARTIST_NAME, FullName, struct ern_region, artists),
    GROUP(REGION, RightsController, CONTROLLER, struct ern_region, controllers,
          struct ern_controller),
    GROUP(REGION, ResourceRightsController, CONTROLLER, struct ern_region, controllers,
          struct ern_controller),
    INTO(REGION, TechnicalSoundRecordingDetails, REGION_TECHNICAL),
    INTO(REGION, TechnicalDetails, REGION_TECHNICAL),
    INTO(REGION_TECHNICAL, DeliveryFile, REGION_DELIVERY),
    GROUP(REGION_TECHNICAL, File, FILE, struct ern_region, files, struct ern_file),
    GROUP(REGION_TECHNICAL, PreviewDetails, CLIP, struct ern_region, clips, struct ern_clip),
    GROUP(REGION_DELIVERY, File, FILE, struct ern_region, files, struct ern_file),

    TEXT(CONTROLLER, RightsControllerPartyReference, struct ern_controller, reference),
    TEXT_INTO(CONTROLLER, PartyId, CONTROLLER_ID, struct ern_controller, who.id),
    INTO(CONTROLLER, PartyName, CONTROLLER_NAME),
    TEXT(CONTROLLER_ID, DPID, struct ern_controller, who.dpid),
    TEXT(CONTROLLER_ID, ISNI, struct ern_controller, who.isni),
    TEXT(CONTROLLER_ID, IpiNameNumber, struct ern_controller, who.ipi),
    TEXT(CONTROLLER_ID, ProprietaryId, struct ern_controller, who.own),
    TEXT(CONTROLLER_NAME, FullName, struct ern_controller, who.name),
    TEXTS(CONTROLLER, RightsControlType, struct ern_controller, roles),
    TEXTS(CONTROLLER, RightsControllerRole, struct ern_controller, roles),
    TEXTS(CONTROLLER, RightsControllerType, struct ern_controller, roles),
    TEXT(CONTROLLER, RightSharePercentage, struct ern_controller, share),
    TEXT(CONTROLLER, RightShareUnknown, struct ern_controller, unknown),
    TEXTS(CONTROLLER, TerritoryCode, struct ern_controller, territories),
    TEXTS(CONTROLLER, ExcludedTerritoryCode, struct ern_controller, excluded),
    TEXT(CONTROLLER, StartDate, struct ern_controller, period.start),
    TEXT(CONTROLLER, StartDateTime, struct ern_controller, period.start_time),
    TEXT(CONTROLLER, EndDate, struct ern_controller, period.end),
    TEXT(CONTROLLER, EndDateTime, struct ern_controller, period.end_time),
    GROUP(CONTROLLER, DelegatedUsageRights, DELEGATION, struct ern_controller, delegations,
          struct ern_delegation),
    TEXTS(DELEGATION, UseType, struct ern_delegation, uses),
    GROUP(DELEGATION, PeriodOfRightsDelegation, PERIOD, struct ern_delegation, periods,
          struct ern_period),
    TEXTS(DELEGATION, TerritoryOfRightsDelegation, struct ern_delegation, territories),
    TEXTS(DELEGATION, TerritoryCode, struct ern_delegation, territories),
    TEXTS(DELEGATION, ExcludedTerritoryCode, struct ern_delegation, excluded),
    TEXT(PERIOD, StartDate, struct ern_period, start),
    TEXT(PERIOD, StartDateTime, struct ern_period, start_time),
    TEXT(PERIOD, EndDate, struct ern_period, end),
    TEXT(PERIOD, EndDateTime, struct ern_period, end_time),

    TEXT(FILE, URI, struct ern_file, uri),
    TEXT(FILE, URL, struct ern_file, uri),
    TEXT(FILE, FileName, struct ern_file, name),
    TEXT(FILE, FilePath, struct ern_file, path),
    TEXT(FILE, FileSize, struct ern_file, size),
    INTO(FILE, HashSum, HASH),
    TEXT(HASH, HashSum, struct ern_file, hash),
    TEXT(HASH, HashSumValue, struct ern_file, hash),
    TEXT(HASH, Algorithm, struct ern_file, algorithm),
    TEXT(HASH, HashSumAlgorithmType, struct ern_file, algorithm),

    TEXT(CLIP, ClipType, struct ern_clip, type),
    TEXT(CLIP, ExpressionType, struct ern_clip, expression),
    GROUP(CLIP, Timing, TIMING, struct ern_clip, timings, struct ern_timing),
    TEXT(CLIP, StartPoint, struct ern_clip, timing.start),
    TEXT(CLIP, EndPoint, struct ern_clip, timing.end),
    TEXT(CLIP, Duration, struct ern_clip, timing.duration),
    INTO(CLIP, DeliveryFile, CLIP_DELIVERY),
    GROUP(CLIP_DELIVERY, File, FILE, struct ern_clip, files, struct ern_file),
    TEXT(TIMING, StartPoint, struct ern_timing, start),
    TEXT(TIMING, EndPoint, struct ern_timing, end),
    TEXT(TIMING, DurationUsed, struct ern_timing, duration),

    RECORD(RELEASE_LIST, Release, RELEASE, ERN_RELEASE_RECORD),
    RECORD(RELEASE_LIST, TrackRelease, RELEASE, ERN_TRACK_RECORD),
    RECORD(RELEASE_LIST, ClipRelease, RELEASE, ERN_CLIP_RECORD),
    TEXT(RELEASE, ReleaseReference, struct ern_release, reference),
    INTO(RELEASE, ReleaseId, RELEASE_ID),
    TEXT(RELEASE_ID, GRid, struct ern_release, ids.grid),
    TEXT(RELEASE_ID, ICPN, struct ern_release, ids.icpn),
    TEXT(RELEASE_ID, ISRC, struct ern_release, ids.isrc),
    TEXT(RELEASE_ID, ProprietaryId, struct ern_release, ids.own),
    TEXT(RELEASE_ID, CatalogNumber, struct ern_release, ids.catalog),
    TEXTS(RELEASE, ReleaseType, struct ern_release, types),
    TEXTS(RELEASE, DisplayTitleText, struct ern_release, titles),
    INTO(RELEASE, ReferenceTitle, RELEASE_TITLE),
    INTO(RELEASE, DisplayTitle, RELEASE_TITLE),
    TEXTS(RELEASE_TITLE, TitleText, struct ern_release, titles),
    TEXTS(RELEASE, DisplayArtistName, struct ern_release, artists),
    TEXTS(RELEASE, ReleaseResourceReference, struct ern_release, resources),
    TEXTS(RELEASE, ReleaseVisibilityReference, struct ern_release, visibilities),
    INTO(RELEASE, ReleaseResourceReferenceList, RESOURCE_GROUP),
    INTO(RELEASE, ResourceGroup, RESOURCE_GROUP),
    INTO(RELEASE, ReleaseDetailsByTerritory, RELEASE_REGION),
    TEXTS(RELEASE_REGION, DisplayArtistName, struct ern_release, artists),
    INTO(RELEASE_REGION, ResourceGroup, RESOURCE_GROUP),
    INTO(RESOURCE_GROUP, ResourceGroup, RESOURCE_GROUP),
    INTO(RESOURCE_GROUP, ResourceGroupContentItem, RESOURCE_GROUP),
    TEXTS(RESOURCE_GROUP, ReleaseResourceReference, struct ern_release, resources),

    RECORD(DEAL_LIST, ReleaseDeal, RELEASE_DEAL, ERN_DEAL),
    RECORD(DEAL_LIST, ReleaseVisibility, VISIBILITY, ERN_VISIBILITY),
    RECORD(DEAL_LIST, TrackReleaseVisibility, VISIBILITY, ERN_VISIBILITY),
    TEXTS(RELEASE_DEAL, DealReleaseReference, struct ern_release_deal, releases),
    GROUP(RELEASE_DEAL, Deal, DEAL, struct ern_release_deal, deals, struct ern_deal),
    TEXT(DEAL, DealReference, struct ern_deal, reference),
    TEXT(DEAL, IsCommunicatedOutOfBand, struct ern_deal, elsewhere),
    INTO(DEAL, DealTerms, DEAL_TERMS),
    TEXT(DEAL_TERMS, NumberOfUsages, struct ern_deal, usages),
    TEXTS(DEAL_TERMS, CarrierType, struct ern_deal, carriers),
    TEXTS(USAGE, CarrierType, struct ern_deal, carriers),
    TEXTS(DEAL_TERMS, CommercialModelType, struct ern_deal, models),
    TEXTS(DEAL_TERMS, UseType, struct ern_deal, uses),
    TEXTS(DEAL_TERMS, UserInterfaceType, struct ern_deal, interfaces),
    INTO(DEAL_TERMS, Usage, USAGE),
    TEXTS(USAGE, UseType, struct ern_deal, uses),
    TEXTS(USAGE, UserInterfaceType, struct ern_deal, interfaces),
    TEXT(USAGE, NumberOfUsages, struct ern_deal, usages),
    TEXTS(USAGE, DistributionChannelType, struct ern_deal, channel_types),
    TEXTS(DEAL_TERMS, DistributionChannelType, struct ern_deal, channel_types),
    TEXTS(DEAL_TERMS, TerritoryCode, struct ern_deal, territories),
    TEXTS(DEAL_TERMS, ExcludedTerritoryCode, struct ern_deal, excluded),
    GROUP(DEAL_TERMS, ValidityPeriod, PERIOD, struct ern_deal, periods, struct ern_period),
    GROUP(DEAL_TERMS, DistributionChannel, WHO, struct ern_deal, channels, struct ern_who),
    GROUP(DEAL_TERMS, ExcludedDistributionChannel, WHO, struct ern_deal, excluded_channels,
          struct ern_who),
    GROUP(DEAL_TERMS, RightsClaimPolicy, POLICY, struct ern_deal, policies, struct ern_policy),
    TEXT(DEAL_TERMS, TakeDown, struct ern_deal, takedown),
    TEXT(DEAL_TERMS, AllDealsCancelled, struct ern_deal, cancelled),
    TEXT(DEAL_TERMS, IsPreOrderDeal, struct ern_deal, preorder),
    TEXT(DEAL_TERMS, ReleaseDisplayStartDate, struct ern_deal, release_from),
    TEXT(DEAL_TERMS, ReleaseDisplayStartDateTime, struct ern_deal, release_from),
    TEXT(DEAL_TERMS, TrackListingPreviewStartDate, struct ern_deal, tracks_from),
    TEXT(DEAL_TERMS, TrackListingPreviewStartDateTime, struct ern_deal, tracks_from),
    TEXT(DEAL_TERMS, CoverArtPreviewStartDate, struct ern_deal, cover_from),
    TEXT(DEAL_TERMS, CoverArtPreviewStartDateTime, struct ern_deal, cover_from),
    TEXT(DEAL_TERMS, ClipPreviewStartDate, struct ern_deal, clip_from),
    TEXT(DEAL_TERMS, ClipPreviewStartDateTime, struct ern_deal, clip_from),

    TEXT(POLICY, RightsClaimPolicyType, struct ern_policy, type),
    GROUP(POLICY, Condition, CONDITION, struct ern_policy, conditions, struct ern_condition),
    TEXT(CONDITION, Value, struct ern_condition, value),
    TEXT(CONDITION, Unit, struct ern_condition, unit),
    TEXT(CONDITION, ReferenceCreation, struct ern_condition, creation),
    TEXT(CONDITION, RelationalRelator, struct ern_condition, relator),
    TEXT(CONDITION, MeasurementType, struct ern_condition, measurement),
    GROUP(CONDITION, Segment, SEGMENT, struct ern_condition, segments, struct ern_segment),
    GROUP(CONDITION, ServiceException, WHO, struct ern_condition, exceptions, struct ern_who),
    TEXT(SEGMENT, StartTime, struct ern_segment, start),
    TEXT(SEGMENT, Duration, struct ern_segment, duration),
    TEXT(SEGMENT, EndTime, struct ern_segment, end),

    TEXT(VISIBILITY, VisibilityReference, struct ern_visibility, reference),
    TEXTS(VISIBILITY, TerritoryCode, struct ern_visibility, territories),
    TEXTS(VISIBILITY, ExcludedTerritoryCode, struct ern_visibility, excluded),
    TEXT(VISIBILITY, ReleaseDisplayStartDateTime, struct ern_visibility, release_from),
    TEXT(VISIBILITY, TrackListingPreviewStartDateTime, struct ern_visibility, tracks_from),
    TEXT(VISIBILITY, FullTrackListingPreviewStartDateTime, struct ern_visibility, tracks_from),
    TEXT(VISIBILITY, CoverArtPreviewStartDateTime, struct ern_visibility, cover_from),
    TEXT(VISIBILITY, ClipPreviewStartDateTime, struct ern_visibility, clip_from),

    INTO(PURGE, ReleaseId, PURGE_ID),
    TEXT(PURGE_ID, GRid, struct ern_purge, ids.grid),
    TEXT(PURGE_ID, ICPN, struct ern_purge, ids.icpn),
    TEXT(PURGE_ID, ISRC, struct ern_purge, ids.isrc),
    TEXT(PURGE_ID, ProprietaryId, struct ern_purge, ids.own),
    TEXT(PURGE_ID, CatalogNumber, struct ern_purge, ids.catalog),

    TEXT(BATCH_ITEM, MessageType, struct ern_batch_item, type),
    TEXT(BATCH_ITEM, MessageId, struct ern_batch_item, id),
    TEXT(BATCH_ITEM, URL, struct ern_batch_item, url),
    TEXT(BATCH_ITEM, URI, struct ern_batch_item, url),
    INTO(BATCH_ITEM, HashSum, BATCH_HASH),
    TEXT(BATCH_HASH, HashSum, struct ern_batch_item, hash),
    TEXT(BATCH_HASH, HashSumValue, struct ern_batch_item, hash),
    TEXT(BATCH_HASH, Algorithm, struct ern_batch_item, algorithm),
    TEXT(BATCH_HASH, HashSumAlgorithmType, struct ern_batch_item, algorithm),
};
/* clang-format on */

/* Index + 1 of a member; filled from the table, once. */
static uint16_t direct[SHAPE_COUNT][N_COUNT], deep[SHAPE_COUNT][N_COUNT], records[N_COUNT];

/* `into` gets what `from` has, and what lies behind each INTO of it. */
static void gather(enum shape into, enum shape from, uint64_t *seen)
{
    if (*seen >> from & 1)
        return;
    *seen |= 1ULL << from;
    for (size_t i = 0; i < COUNT_OF(members); i++) {
        const struct shape_member *m = &members[i];
        if (m->shape != from)
            continue;
        if (m->act != ACT_INTO && !deep[into][m->name])
            deep[into][m->name] = (uint16_t)(i + 1);
        if ((m->act == ACT_INTO || m->act == ACT_TEXT) && m->to != SHAPE_NONE)
            gather(into, m->to, seen);
    }
}

static void fill(void)
{
    _Static_assert(SHAPE_COUNT <= 64, "a set of shapes has 64 bits");
    for (size_t i = 0; i < COUNT_OF(members); i++) {
        direct[members[i].shape][members[i].name] = (uint16_t)(i + 1);
        if (members[i].act == ACT_RECORD)
            records[members[i].name] = (uint16_t)(i + 1);
    }
    for (int s = 0; s < SHAPE_COUNT; s++) {
        uint64_t seen = 0;
        gather((enum shape)s, (enum shape)s, &seen);
    }
}

static const struct shape_member *at(const uint16_t *number)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, fill);
    return *number ? &members[*number - 1] : NULL;
}

const struct shape_member *shape_member(enum shape shape, enum ern_name name)
{
    return at(&direct[shape][name]);
}

const struct shape_member *shape_member_deep(enum shape shape, enum ern_name name)
{
    return at(&deep[shape][name]);
}

const struct shape_member *shape_record(enum ern_name name)
{
    return at(&records[name]);
}
