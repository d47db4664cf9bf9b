#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Read a sales report (DSR flat file: user-generated content or audio) as its description says
(docs/formats/dsr.md), and check all that can be checked without the sender. It shares nothing with the
writer.   dsr_read.py FILE   prints profile, sum of the summaries, plays, blocks."""
import os
import re
import sys
from decimal import Decimal, InvalidOperation

TEXT, INTEGER, DECIMAL, DAY, MOMENT, TRUTH, PARTY, DPID, DURATION, ISRC, MODEL, USE, PLACE, MONEY, RIGHT, KIND = range(16)
FORMS = {
    INTEGER: r"-?\d+", DECIMAL: r"-?\d+(\.\d+)?", DAY: r"\d{4}-\d\d-\d\d",
    MOMENT: r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(Z|[+-]\d\d:\d\d)", TRUTH: r"true|false", PARTY: r".+::.+",
    DPID: r"PADPIDA[A-Za-z0-9]+", DURATION: r"PT(\d+H)?(\d+M)?(\d+S)?", ISRC: r"[A-Z]{2}[A-Z0-9]{3}\d{7}",
    MODEL: r"AdvertisementSupportedModel|SubscriptionModel|AsPerContract|FreeOfChargeModel",
    USE: r"Stream|OnDemandStream|AsPerContract|Download|ConditionalDownload", PLACE: r"[A-Z]{2}|Worldwide",
    MONEY: r"[A-Z]{3}", KIND: r"SoundRecording|Video",
    RIGHT: r"(MakeAvailable|Reproduction|Performing|Mechanical|Synchronization|Print)Right|UserDefined",
}
# name, form, must be there ("!"), may have several values ("*")
COMMON = {
    "HEAD": [("MessageVersion", TEXT, "!"), ("Profile", TEXT, "!"), ("ProfileVersion", TEXT, "!"),
             ("MessageId", TEXT, "!"), ("MessageCreatedDateTime", MOMENT, "!"), ("FileNumber", INTEGER, "!"),
             ("NumberOfFiles", INTEGER, "!"), ("UsageStartDate", DAY, "!"), ("UsageEndDate", DAY, "!"),
             ("SenderPartyId", DPID, "!"), ("SenderName", TEXT, "!"), ("ServiceDescription", TEXT, ""),
             ("RecipientPartyId", DPID, ""), ("RecipientName", TEXT, ""), ("RepresentedRepertoire", TEXT, "*")],
    "SY02.02": [("SummaryRecordId", TEXT, "!"), ("DistributionChannel", TEXT, ""),
                ("DistributionChannelDPID", DPID, ""), ("CommercialModel", MODEL, "!"), ("UseType", USE, "!"),
                ("Territory", PLACE, "!"), ("ServiceDescription", TEXT, "!"), ("Usages", INTEGER, "!"),
                ("Users", INTEGER, ""), ("CurrencyOfReporting", MONEY, "!"), ("NetRevenue", DECIMAL, "!"),
                ("RightsController", TEXT, ""), ("RightsControllerPartyId", PARTY, ""),
                ("AllocatedUsages", DECIMAL, "*"), ("AllocatedRevenue", DECIMAL, "*"),
                ("AllocatedNetRevenue", DECIMAL, ""), ("RightsType", RIGHT, ""), ("ContentCategory", TEXT, "!"),
                ("CurrencyOfTransaction", MONEY, ""), ("ExchangeRate", DECIMAL, ""),
                ("RightsTypePercentage", DECIMAL, "")],
    "AS02.02": [("BlockId", TEXT, "!"), ("ResourceReference", TEXT, "!"), ("DspResourceId", TEXT, "!"),
                ("ISRC", ISRC, "*"), ("Title", TEXT, "!"), ("SubTitle", TEXT, ""), ("DisplayArtistName", TEXT, "!"),
                ("DisplayArtistPartyId", PARTY, ""), ("Duration", DURATION, ""), ("ResourceType", KIND, "!"),
                ("ISWC", TEXT, ""), ("ComposerAuthor", TEXT, "*"), ("ComposerAuthorPartyId", PARTY, "*"),
                ("Arranger", TEXT, "*"), ("ArrangerPartyId", PARTY, "*"), ("MusicPublisher", TEXT, "*"),
                ("MusicPublisherPartyId", PARTY, "*"), ("WorkContributor", TEXT, "*"),
                ("WorkContributorPartyId", PARTY, "*"), ("ProprietaryWorkId", PARTY, ""),
                ("IsMasterRecording", TRUTH, "")],
    "FOOT": [("NumberOfLinesInFile", INTEGER, "!"), ("NumberOfLinesInReport", INTEGER, ""),
             ("NumberOfSummaryRecords", INTEGER, "!"), ("NumberOfBlocksInFile", INTEGER, "!"),
             ("NumberOfBlocksInReport", INTEGER, "")],
}
PROFILES = {
    ("UGCProfile", "1.2"): {
        "SU03.02": [("BlockId", TEXT, "!"), ("SalesTransactionId", TEXT, "!"), ("SummaryRecordId", TEXT, ""),
                    ("DspResourceId", TEXT, "!"), ("Usages", DECIMAL, "!"), ("NetRevenue", DECIMAL, "!"),
                    ("ValidityPeriodStart", DAY, ""), ("ValidityPeriodEnd", DAY, ""), ("ContentCategory", TEXT, ""),
                    ("IsRoyaltyBearing", TRUTH, "")],
        "LI01.02": [("BlockId", TEXT, "!"), ("SummaryRecordId", TEXT, ""), ("RightsController", TEXT, "!"),
                    ("RightsControllerPartyId", PARTY, ""), ("RightsControllerWorkId", TEXT, ""),
                    ("RightSharePercentage", DECIMAL, "!"), ("RightsType", RIGHT, ""),
                    ("AllocatedNetRevenue", DECIMAL, "!"), ("AllocatedAmount", DECIMAL, "!"),
                    ("AllocatedUsages", DECIMAL, "")]},
    ("BasicAudioProfile", "1.2"): {
        "SU02": [("BlockId", TEXT, "!"), ("SummaryRecordId", TEXT, "!"), ("SalesTransactionId", TEXT, "!"),
                 ("TransactedRelease", TEXT, ""), ("TransactedResource", TEXT, ""), ("IsRoyaltyBearing", TRUTH, ""),
                 ("NumberOfStreams", INTEGER, "!"), ("PriceConsumerPaidExcSalesTax", DECIMAL, ""),
                 ("PromotionalActivity", TEXT, "")]},
}
# what may stand behind what
AFTER = {
    "UGCProfile": {"start": ["HEAD"], "HEAD": ["SY02.02"], "SY02.02": ["SY02.02", "AS02.02", "FOOT"],
                   "AS02.02": ["AS02.02", "SU03.02"], "SU03.02": ["SU03.02", "LI01.02", "AS02.02", "FOOT"],
                   "LI01.02": ["LI01.02", "SU03.02", "AS02.02", "FOOT"], "FOOT": []},
    "BasicAudioProfile": {"start": ["HEAD"], "HEAD": ["SY02.02"], "SY02.02": ["SY02.02", "AS02.02", "FOOT"],
                          "AS02.02": ["AS02.02", "SU02"], "SU02": ["SU02", "AS02.02", "FOOT"], "FOOT": []},
}
NAME = re.compile(r"DSR_([^_ ]*)_([^_ ]*)_([^_ ]*)_(\d{4}(-\d\d(-\d\d)?|-Q\d|-W\d\d)?|\d{4}-\d\d-\d\d--\d{4}-\d\d-\d\d)"
                  r"_[^_ ]*_(\d+)of(\d+)_\d{8}T\d{6}\.tsv$")


def stop(line, words):
    sys.exit("line %d: %s" % (line, words))


def values(cell):
    """Bars part values, a backslash takes a mark's meaning away."""
    return [re.sub(r"\\(.)", r"\1", v) for v in re.split(r"(?<!\\)\|", cell)]


def read(kind, layout, cells, n):
    if len(cells) != len(layout):
        stop(n, "%s has %d cells, not %d" % (kind, len(cells), len(layout)))
    out = {}
    for (name, form, flags), cell in zip(layout, cells):
        if cell != cell.strip(" "):
            stop(n, "%s: blanks around it" % name)
        if not cell:
            if "!" in flags:
                stop(n, "%s is empty" % name)
            out[name] = None
            continue
        several = values(cell)
        if len(several) > 1 and "*" not in flags:
            stop(n, "%s has %d values" % (name, len(several)))
        for v in several:
            if form != TEXT and not re.fullmatch(FORMS[form], v):
                stop(n, "%s: \"%s\" is not of its form" % (name, v))
        out[name] = several[0]
    return out


def number(record, name):
    try:
        return Decimal(record[name] or 0)
    except InvalidOperation:
        return Decimal(0)


class Report:
    def __init__(self):
        self.summaries, self.sums, self.plays = {}, {}, {}
        self.block, self.blocks, self.sale, self.sales = None, 0, None, set()

    def SY02_02(self, r, n):
        if r["SummaryRecordId"] in self.summaries:
            stop(n, "a summary twice")
        self.summaries[r["SummaryRecordId"]] = r

    def AS02_02(self, r, n):
        self.blocks += 1
        self.block = r["BlockId"]
        if int(self.block) != self.blocks:
            stop(n, "blocks are numbered from 1")
        self.resource = (r["DspResourceId"], r["ResourceReference"])

    def usage(self, r, n, plays, money):
        if r["BlockId"] != self.block or r["SummaryRecordId"] not in self.summaries:
            stop(n, "usage outside of its block or without a summary")
        if r["SalesTransactionId"] in self.sales:
            stop(n, "a transaction twice")
        self.sales.add(r["SalesTransactionId"])
        s = r["SummaryRecordId"]
        self.plays[s] = self.plays.get(s, Decimal(0)) + plays
        self.sums[s] = self.sums.get(s, Decimal(0)) + money

    def SU03_02(self, r, n):
        if r["DspResourceId"] != self.resource[0]:
            stop(n, "the usage is of another resource")
        if r["ValidityPeriodStart"] > r["ValidityPeriodEnd"]:
            stop(n, "the days go backwards")
        self.sale = r
        self.usage(r, n, number(r, "Usages"), number(r, "NetRevenue"))

    def SU02(self, r, n):
        if r["TransactedResource"] != self.resource[1]:
            stop(n, "the streams are of another resource")
        self.usage(r, n, number(r, "NumberOfStreams"), Decimal(0))

    def LI01_02(self, r, n):
        share, used, of = number(r, "RightSharePercentage"), number(r, "AllocatedUsages"), number(self.sale, "Usages")
        if r["BlockId"] != self.block or number(r, "AllocatedAmount") != number(self.sale, "NetRevenue"):
            stop(n, "the one licensor has all of it")
        if not 0 <= share <= 100 or abs(of * share / 100 - used) > abs(of) * Decimal("0.000001") + Decimal("0.000001"):
            stop(n, "%s of %s plays is not %s %%" % (used, of, share))


def main():
    path = sys.argv[1]
    name = NAME.match(os.path.basename(path))
    if not name:
        sys.exit("the name is not of the form")
    text = open(path, "rb").read().decode("utf-8")
    if not text.endswith("\n"):
        sys.exit("the last line has no end")
    rows = [line.rstrip("\r") for line in text.split("\n")[:-1]]
    report, state, layouts, profile, lines = Report(), "start", COMMON, "UGCProfile", 0
    for n, row in enumerate(rows, 1):
        if row.startswith("#"):
            continue
        lines += 1
        kind, *cells = row.split("\t")
        if kind not in layouts:
            stop(n, "a record %s is not of this profile" % kind)
        if kind not in AFTER[profile][state]:
            stop(n, "%s cannot stand behind %s" % (kind, state))
        r, state = read(kind, layouts[kind], cells, n), kind
        if kind == "HEAD":
            profile = r["Profile"]
            if (profile, r["ProfileVersion"]) not in PROFILES:
                stop(n, "profile %s %s" % (profile, r["ProfileVersion"]))
            layouts = {**COMMON, **PROFILES[profile, r["ProfileVersion"]]}
            if not re.fullmatch(r"dsrf/[\d.]+/[\d.]+/[\d.]+", r["MessageVersion"]):
                stop(n, "version %s" % r["MessageVersion"])
            if [r["FileNumber"], r["NumberOfFiles"]] != [name.group(7), name.group(8)]:
                stop(n, "the file's number is not that of its name")
            if name.group(1) not in (r["RecipientPartyId"], r["RecipientName"]) or \
               name.group(2) not in (r["SenderPartyId"], r["SenderName"]) or name.group(3) != r["ServiceDescription"]:
                stop(n, "the parties are not those of the name")
            if r["UsageStartDate"] > r["UsageEndDate"]:
                stop(n, "the days go backwards")
        elif kind == "FOOT":
            want = [str(x) for x in (len(rows), len(rows), len(report.summaries), report.blocks, report.blocks)]
            if cells != want or n != len(rows):
                stop(n, "the counts are %s, not %s" % (cells, want))
        else:
            getattr(report, kind.replace(".", "_"))(r, n)
    if state != "FOOT":
        sys.exit("there is no FOOT")
    for key, r in report.summaries.items():
        if report.plays.get(key, 0) != number(r, "Usages"):
            sys.exit("summary %s says %s plays, its blocks %s" % (key, r["Usages"], report.plays.get(key)))
        if profile == "UGCProfile" and report.sums.get(key, 0) != number(r, "NetRevenue"):
            sys.exit("summary %s says %s, its blocks %s" % (key, r["NetRevenue"], report.sums.get(key)))
    print(profile, sum(number(r, "NetRevenue") for r in report.summaries.values()),
          sum(report.plays.values()), report.blocks)


main()
