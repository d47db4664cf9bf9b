/* SPDX-License-Identifier: Apache-2.0 */
/* ERN messages: how many bytes a second, and in how much memory?
 *
 *     ern [--quick]
 *
 * A message of many recordings is made on the fly. It is read in the confined child (through a
 * file, and of a gigabyte through a pipe), in this process, and by xmllint --stream --noout, which
 * only checks that it is well-formed. Processor time of one core; name, value, unit, yardstick. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "ddex/ddex.h"

static const char head[] =
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
    "<ern:NewReleaseMessage xmlns:ern=\"http://ddex.net/xml/ern/43\">\n<MessageHeader>\n"
    "  <MessageId>BENCH-1</MessageId>\n"
    "  <MessageSender><PartyId>PADPIDA2099000001X</PartyId></MessageSender>\n"
    "  <MessageRecipient><PartyId>PADPIDA2099000002X</PartyId></MessageRecipient>\n"
    "  <MessageCreatedDateTime>2026-01-01T00:00:00Z</MessageCreatedDateTime>\n"
    "</MessageHeader>\n<ResourceList>\n";
static const char tail[] = "</ResourceList>\n</ern:NewReleaseMessage>\n";

static void put_recording(struct buf *b, unsigned n)
{
    buf_format(
        b,
        "  <SoundRecording>\n"
        "    <ResourceReference>A%u</ResourceReference>\n"
        "    <Type>MusicalWorkSoundRecording</Type>\n"
        "    <SoundRecordingEdition>\n"
        "      <ResourceId>\n        <ISRC>XXBEN%07u</ISRC>\n      </ResourceId>\n"
        "      <PLine>\n        <Year>2026</Year>\n"
        "        <PLineText>(P) 2026 Lantern Hill Records</PLineText>\n      </PLine>\n"
        "      <TechnicalDetails>\n"
        "        <TechnicalResourceDetailsReference>T%u</TechnicalResourceDetailsReference>\n"
        "        <DeliveryFile>\n          <Type>AudioFile</Type>\n"
        "          <AudioCodecType>FLAC</AudioCodecType>\n          <File>\n"
        "            <URI>resources/%u.flac</URI>\n            <HashSum>\n"
        "              <Algorithm>MD5</Algorithm>\n"
        "              <HashSumValue>0123456789abcdef0123456789abcdef</HashSumValue>\n"
        "            </HashSum>\n          </File>\n        </DeliveryFile>\n"
        "      </TechnicalDetails>\n    </SoundRecordingEdition>\n"
        "    <DisplayTitleText>A song with the number %u</DisplayTitleText>\n"
        "    <DisplayTitle IsDefault=\"true\">\n"
        "      <TitleText>A song with the number %u</TitleText>\n    </DisplayTitle>\n"
        "    <DisplayArtistName>The Lamplighters</DisplayArtistName>\n"
        "    <DisplayArtist SequenceNumber=\"1\">\n"
        "      <ArtistPartyReference>P1</ArtistPartyReference>\n"
        "      <DisplayArtistRole>MainArtist</DisplayArtistRole>\n    </DisplayArtist>\n"
        "    <ResourceRightsController>\n"
        "      <RightsControllerPartyReference>P2</RightsControllerPartyReference>\n"
        "      <RightsControlType>RightsController</RightsControlType>\n"
        "      <RightSharePercentage>100.00</RightSharePercentage>\n"
        "    </ResourceRightsController>\n    <Duration>PT3M20S</Duration>\n"
        "    <ParentalWarningType>NotExplicit</ParentalWarningType>\n"
        "  </SoundRecording>\n",
        n, n, n, n, n, n);
}

/* Write a message of at least so many bytes to fd; returns how many there are. */
static int64_t write_message(int fd, int64_t bytes_least)
{
    BUF(b);
    struct error e;
    int64_t written = 0;
    buf_text(&b, head);
    for (unsigned n = 0; written + (int64_t)b.length < bytes_least; n++) {
        put_recording(&b, n);
        if (b.length > 1 << 18) {
            if (file_write_all(fd, b.bytes, b.length, &e) != OK)
                exit(1);
            written += (int64_t)b.length;
            buf_clear(&b);
        }
    }
    buf_text(&b, tail);
    if (file_write_all(fd, b.bytes, b.length, &e) != OK)
        exit(1);
    return written + (int64_t)b.length;
}

static enum code count_record(void *context, enum ern_kind kind, const void *record,
                              struct error *e)
{
    (void)record;
    (void)e;
    ((size_t *)context)[kind]++;
    return OK;
}

static double cpu_seconds(int who)
{
    struct rusage u;
    getrusage(who, &u);
    return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
           (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) * 1e-6;
}

/* Both processes' processor time: the child's and what this one spends on its words. */
static double read_confined(struct confine_host *h, int fd, size_t *recordings, double *child)
{
    size_t counts[ERN_KIND_COUNT] = { 0 };
    const struct ern_sink sink = { counts, count_record };
    const struct ern_limits limits = { 1LL << 40, 100000 };
    struct ern_read read;
    struct error e = { 0 };
    double before = cpu_seconds(RUSAGE_SELF);
    if (ern_read(h, fd, &limits, &sink, &read, &e) != OK) {
        fprintf(stderr, "%s\n", e.text);
        exit(1);
    }
    *recordings = counts[ERN_RECORDING];
    *child = (double)read.cpu_us * 1e-6;
    return *child + cpu_seconds(RUSAGE_SELF) - before;
}

static double read_here(int fd, int64_t bytes)
{
    size_t counts[ERN_KIND_COUNT] = { 0 };
    const struct ern_sink sink = { counts, count_record };
    struct ern_read read;
    struct error e = { 0 };
    const char *at = mmap(NULL, (size_t)bytes, PROT_READ, MAP_PRIVATE | MAP_POPULATE, fd, 0);
    if (at == MAP_FAILED)
        exit(1);
    double before = cpu_seconds(RUSAGE_SELF);
    if (ern_read_here((struct str) { at, (size_t)bytes }, &sink, &read, &e) != OK)
        exit(1);
    double used = cpu_seconds(RUSAGE_SELF) - before;
    munmap((void *)(uintptr_t)at, (size_t)bytes);
    return used;
}

/* Seconds of xmllint, or 0 where it is not installed. */
static double yardstick(const char *path)
{
    double before = cpu_seconds(RUSAGE_CHILDREN);
    pid_t pid = fork();
    if (pid == 0) {
        execlp("xmllint", "xmllint", "--stream", "--noout", path, (char *)NULL);
        _exit(127);
    }
    int status;
    waitpid(pid, &status, 0);
    return status == 0 ? cpu_seconds(RUSAGE_CHILDREN) - before : 0;
}

/* The largest resident set of this process and its children so far, in MiB. */
static double resident_mib(int who)
{
    struct rusage u;
    getrusage(who, &u);
    return (double)u.ru_maxrss / 1024;
}

static double best_of(double a, double b)
{
    return b < a || a == 0 ? b : a;
}

static void through_pipe(struct confine_host *h, int64_t bytes)
{
    int ends[2];
    size_t recordings;
    double child, before = resident_mib(RUSAGE_SELF);
    if (pipe(ends) != 0)
        exit(1);
    pid_t writer = fork();
    if (writer == 0) {
        close(ends[0]);
        write_message(ends[1], bytes);
        _exit(0);
    }
    close(ends[1]);
    double used = read_confined(h, ends[0], &recordings, &child);
    close(ends[0]);
    waitpid(writer, NULL, 0);
    printf("ern.pipe.size\t%.1f\tMB\t\n", (double)bytes / 1e6);
    printf("ern.pipe.recordings\t%zu\trecordings\t\n", recordings);
    printf("ern.pipe.rate\t%.1f\tMB/s of one core\t100\n", (double)bytes / 1e6 / used);
    printf("ern.memory.child_limit\t%d\tMiB beyond the idle host (kernel's limit)\t32\n",
           ERN_MEMORY_BYTES_MOST >> 20);
    printf("ern.memory.program_grew\t%.1f\tMiB\t32\n", resident_mib(RUSAGE_SELF) - before);
}

int main(int argc, char **argv)
{
    bool quick = argc > 1 && strcmp(argv[1], "--quick") == 0;
    struct confine_host *h;
    struct error e;
    char path[] = "/tmp/licet-bench-ern-XXXXXX";
    double all = 0, child = 0, here = 0, lint = 0;
    size_t recordings = 0;
    if (ern_host_start(&h, &e) != OK) {
        fprintf(stderr, "%s\n", e.text);
        return 1;
    }
    int fd = mkstemp(path);
    int64_t bytes = write_message(fd, quick ? 20 << 20 : 200 << 20);
    through_pipe(h, quick ? 64 << 20 : 1 << 30);
    for (int i = 0; i < (quick ? 2 : 3); i++) {
        double of_child;
        lseek(fd, 0, SEEK_SET);
        all = best_of(all, read_confined(h, fd, &recordings, &of_child));
        child = best_of(child, of_child);
        lint = best_of(lint, yardstick(path));
        here = best_of(here, read_here(fd, bytes));
    }
    unlink(path);
    double mb = (double)bytes / 1e6;
    printf("ern.size\t%.1f\tMB\t\n", mb);
    printf("ern.recordings\t%zu\trecordings\t\n", recordings);
    printf("ern.confined\t%.1f\tMB/s of one core\t200\n", mb / all);
    printf("ern.confined.child\t%.1f\tMB/s of one core\t\n", mb / child);
    printf("ern.here\t%.1f\tMB/s of one core\t\n", mb / here);
    if (lint > 0) {
        printf("ern.xmllint\t%.1f\tMB/s of one core\t\n", mb / lint);
        printf("ern.ratio\t%.2f\ttimes xmllint --stream --noout\t1\n", lint / all);
    }
    confine_host_stop(h);
    return 0;
}
