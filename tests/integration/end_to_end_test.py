"""The sample clip through the real engines: is the dub what was promised?"""
import re
import unittest

from local import check, media, results, sample
from support import dubbed
from support.real import real_test

QUIET = -60     # dB of what counts as silence in the coded track
BLUR = 12       # levels (10 ms) by which a piece may ring on
FRAME = 1 / 25


class dubbed_sample_test(real_test):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.source = cls.folder / "a clip.mp4"
        sample.make(cls.source)
        cls.number = cls.dub(cls.source)
        cls.job = cls.ended(cls.number)
        if cls.job["state"] != "completed":
            raise AssertionError(cls.job)
        cls.saved = results.save(cls.whole, cls.number, cls.folder / "dubbed",
                                 "clip.es")
        cls.video = cls.saved["video"]
        cls.report = cls.saved["report"]
        cls.segments = cls.pages(f"/jobs/{cls.number}/segments")
        cls.facts = media.probe(cls.video)
        cls.levels = dubbed.levels(dubbed.sound(cls.video))

    def pieces(self):
        """[(wav, at, tempo, play_seconds)] out of the report."""
        return [(self.store / spoken["speech"]["artifact"], placed["at"],
                 placed["tempo"], placed["speech_seconds"] / placed["tempo"]
                 - placed["trimmed_by"])
                for spoken, placed in zip(self.segments,
                                          self.report["segments"])
                if placed["outcome"] != "left_out"]

    def test_streams_tags_and_length(self):
        kinds = [(s["codec_type"], s["codec_name"],
                  s.get("tags", {}).get("language"))
                 for s in self.facts["streams"]]
        self.assertEqual(kinds[0][:2], ("video", "h264"))
        self.assertEqual(kinds[1:], [("audio", "aac", "spa"),
                                     ("subtitle", "mov_text", "spa")])
        before = media.seconds(media.probe(self.source))
        self.assertAlmostEqual(media.seconds(self.facts), before, delta=FRAME)
        self.assertGreater(before, 25)

    def test_the_picture_is_the_sources_bit_for_bit(self):
        self.assertEqual(media.video_hash(self.video),
                         media.video_hash(self.source))
        self.assertEqual(self.report["video"]["picture"], "copied")

    def test_the_check_of_the_demo_agrees(self):
        self.assertTrue(check.check(self.source, self.video, "es", True, True))

    def test_the_dub_is_the_speech_at_its_planned_times(self):
        track = dubbed.place(self.pieces(), media.seconds(self.facts))
        like = dubbed.correlation(dubbed.levels(track), self.levels)
        print(f"correlation with the planned speech: {like:.3f}", flush=True)
        self.assertGreaterEqual(like, 0.9)
        heard = dubbed.levels(dubbed.sound(self.source))
        self.assertLess(dubbed.correlation(heard, self.levels), 0.7,
                        "the original is not underneath")

    def test_silent_where_nothing_is_said(self):
        said = [False] * len(self.levels)
        for _, at, _, play in self.pieces():
            first = max(0, int(at * 100) - BLUR)
            last = min(len(said), int((at + play) * 100) + BLUR)
            said[first:last] = [True] * (last - first)
        silent = [level for level, speech in zip(self.levels, said)
                  if not speech]
        self.assertGreater(len(silent), 20)
        self.assertLess(dubbed.decibels(max(silent)), QUIET)

    def test_loudness(self):
        integrated, peak = dubbed.loudness(self.video)
        self.assertAlmostEqual(integrated, -24, delta=3)
        self.assertLessEqual(peak, -1)

    def test_subtitles_are_the_translations(self):
        self.assertGreater(len(self.segments), 2)
        wanted = " ".join(" ".join(s["translation"].split())
                          for s in self.segments)
        srt = dubbed.cues(self.saved["srt"].read_text())
        self.assertEqual(" ".join(text for _, _, text in srt), wanted)
        self.assertEqual(srt, dubbed.cues(self.saved["vtt"].read_text()))
        track, _ = dubbed.ffmpeg("-v", "error", "-i", self.video, "-map",
                                 "0:s:0", "-f", "srt", "-")
        self.assertEqual(srt, dubbed.cues(track.decode()))
        for (_, end, _), (start, _, _) in zip(srt, srt[1:]):
            self.assertLessEqual(end, start)
        for start, end, _ in srt:
            self.assertTrue(any(s["start"] - 0.01 <= start < end
                                <= s["end"] + 0.01 for s in self.segments))

    def test_the_report(self):
        told = self.report["segments"]
        self.assertEqual([(s["text"], s["translation"]) for s in told],
                         [(s["text"], s["translation"]) for s in self.segments])
        for one, other in zip(told, self.segments):
            self.assertAlmostEqual(one["start"], other["start"], 3)
            self.assertAlmostEqual(one["end"], other["end"], 3)
            self.assertGreaterEqual(one["rate"], 1)
            self.assertLessEqual(one["tempo"], 1.4)
            self.assertNotIn(one["outcome"], ("trimmed", "left_out"))
            self.assertLess(abs(one["at"] - one["start"]), 0.08)
        self.assertEqual((self.report["source_language"],
                          self.report["target_language"]), ("en", "es"))
        self.assertAlmostEqual(self.report["seconds"],
                               media.seconds(self.facts), delta=FRAME)
        integrated, peak = dubbed.loudness(self.video)
        self.assertAlmostEqual(self.report["sound"]["loudness_lkfs"],
                               integrated, delta=0.5)
        self.assertAlmostEqual(self.report["sound"]["true_peak_db"], peak,
                               delta=0.5)
        self.assertEqual(self.report["unknown_options"], [])
        self.assertIn(told[0]["translation"],
                      self.saved["html"].read_text())

    def test_the_gateway_knows(self):
        row = self.ask(f"/api/v1/job/{self.number}", "gateway")
        self.assertEqual(
            (row["status"], row["progress"], row["outputObjectKey"]),
            ("COMPLETED", 100, f"dubbed_{self.number}.mp4"))
        self.assertTrue(row["sourceObjectKey"].endswith("_a clip.mp4"))

    def test_the_words_are_mostly_right(self):
        """Word errors of the recogniser stay under 40 %."""
        said = []
        for line in (sample.CLIPS / "transcription").read_text().splitlines():
            said += re.sub(r"<s>|</s>|\(.*?\)", "", line).split()
        heard = re.sub(r"[^a-z' ]", " ", " ".join(
            s["text"] for s in self.segments).lower()).split()
        wrong = edits(said, heard) / len(said)
        print(f"word errors: {wrong:.0%} of {len(said)}", flush=True)
        self.assertLess(wrong, 0.4)


def edits(one, other):
    """Words to insert, leave out or change to get from one to the other."""
    row = list(range(len(other) + 1))
    for i, word in enumerate(one, 1):
        last, row[0] = row[0], i
        for j, there in enumerate(other, 1):
            last, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1,
                                       last + (word != there))
    return row[-1]


if __name__ == "__main__":
    unittest.main()
