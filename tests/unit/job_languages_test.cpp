/// A job of several languages: one ASR, a dub for each, and what one of them
/// has to do with the others.
#include "core/eta/work_left.hpp"
#include "core/job/facts.hpp"
#include "core/job/progress.hpp"
#include "tests/support/edit_play.hpp"

using namespace dubber;
using namespace dubber::test;

namespace {

job_play play_of(std::uint32_t segments = 3) {
  return job_play{{1, segments, "hi", {"de", "fr"}}};
}

job_play completed_in_three(std::uint32_t segments = 3) {
  auto play = play_of(segments);
  play.play_until("report");
  play.feed(in::told{play.state.debt});
  play.feed(in::delivered{"seen", play.state.debt});
  REQUIRE(play.state.row.status == job_status::completed);
  return play;
}

in::control edit_in(const std::string& language, std::uint32_t segment,
                    text words, text translation) {
  auto out = edit(segment, {}, {});
  out.edit = std::make_shared<segment_edit>(
    segment_edit{segment, std::move(words), std::move(translation), language});
  return out;
}

} // namespace

TEST_CASE(
  "several languages: each has its dub, and all before it is done once") {
  auto play = play_of();
  play.accept();
  auto names = play.names(play.answer(play.ref("fetch")));
  CHECK(names
        == std::vector<std::string>{"stage.completed", "languages.chosen",
                                    "stage.started"});
  CHECK(calls_of(play)
        == counts{{"extract", 1},
                  {"asr", 1},
                  {"translate", 3},
                  {"tts", 3},
                  {"merge", 1},
                  {"upload", 1},
                  {"translate:de", 3},
                  {"tts:de", 3},
                  {"merge:de", 1},
                  {"upload:de", 1},
                  {"translate:fr", 3},
                  {"tts:fr", 3},
                  {"merge:fr", 1},
                  {"upload:fr", 1}});
  auto& st = play.state;
  REQUIRE(st.owed);
  CHECK(st.owed->output_object_key == "dubbed_7.mp4");
  CHECK(st.owed->activity == "Dubbing complete in 3 languages");
  CHECK(st.output_object_key == "dubbed_7.mp4");
  CHECK(st.dub(1).output_object_key == "dubbed_7.de.mp4");
  CHECK(st.dub(2).output_object_key == "dubbed_7.fr.mp4");
  CHECK(st.translations[1]->starts_with("hi: "));
  CHECK(st.dub(1).translations[1]->starts_with("de: "));
  play.feed(in::told{st.debt});
  CHECK(st.row.status == job_status::completed);
  CHECK(st.row.target_language == "hi");
  CHECK(test::fold(play.history) == st);
}

TEST_CASE("several languages: work is asked for in its own") {
  auto play = play_of();
  play.play_until("tts:de");
  play.feed(play.answer(play.ref("translate:de", 0)));
  auto translate = make_order(play.state, play.ref("translate:de", 1));
  CHECK(std::get<translate_input>(translate->input).target_language == "de");
  CHECK(translate->language == "de");
  CHECK(translate->service == "translate");
  auto tts = make_order(play.state, play.ref("tts:de", 0));
  CHECK(std::get<speak_input>(tts->input).language == "de");
  CHECK(std::get<speak_input>(tts->input).text.starts_with("de: "));
  play.play_until("upload:fr");
  auto merge = make_order(play.state, play.ref("merge:fr", 0));
  CHECK(std::get<merge_input>(merge->input).target_language == "fr");
  CHECK(std::get<merge_input>(merge->input)
          .pieces[2]
          .translation.starts_with("fr: "));
  auto upload = make_order(play.state, play.ref("upload:fr"));
  CHECK(std::get<upload_input>(upload->input).language == "fr");
  std::set<std::string> stages;
  for (auto& fact : std::get<upload_input>(upload->input).facts)
    CHECK(stages.insert(fact.stage).second);
  CHECK(stages
        == std::set<std::string>{"fetch", "extract", "asr", "translate", "tts",
                                 "merge"});
}

TEST_CASE("several languages: in each the first segment goes alone") {
  auto play = play_of(5);
  play.play_until("translate:de");
  std::vector<work_ref> pioneers{play.ref("translate", 0),
                                 play.ref("translate:de", 0),
                                 play.ref("translate:fr", 0)};
  CHECK(play.next() == pioneers);
  play.feed(play.answer(play.ref("translate:de", 0)));
  play.feed(play.answer(play.ref("tts:de", 0)));
  auto next = play.next();
  CHECK(std::count_if(next.begin(), next.end(),
                      [&](auto& work) {
                        return work.stage == play.ref("translate:de").stage;
                      })
        == 4);
  CHECK(std::count_if(
          next.begin(), next.end(),
          [&](auto& work) { return work.stage == play.ref("translate").stage; })
        == 1);
}

TEST_CASE("several languages: progress and the work that is left count all") {
  auto one = job_play{{1, 4, "hi"}};
  auto three = job_play{{1, 4, "hi", {"de", "fr"}}};
  one.play_until("translate");
  three.play_until("translate");
  CHECK(progress_of(three.state) < progress_of(one.state));
  call_costs costs;
  auto calls = [&](const job_play& play, work_kind kind) {
    return work_left_of(play.state, costs).calls[index_of(kind)];
  };
  CHECK(calls(one, work_kind::speak) == 4);
  CHECK(calls(three, work_kind::speak) == 12);
  CHECK(calls(three, work_kind::merge) == 3);
  CHECK(calls(three, work_kind::report) == 1);
  auto before = progress_of(three.state);
  for (auto work = three.next(); !work.empty(); work = three.next()) {
    three.feed(three.answer(work.front()));
    CHECK(progress_of(three.state) >= before);
    before = progress_of(three.state);
  }
}

TEST_CASE("several languages: redo of one stage is that language's alone") {
  auto play = completed_in_three();
  auto before = play.state;
  in::control redo{control_verb::redo, "tts:de", "anna", "", false};
  REQUIRE(judge(play.state, redo).what == verdict::kind::change);
  play.feed(redo);
  CHECK(calls_of(play)
        == counts{{"tts:de", 3}, {"merge:de", 1}, {"upload:de", 1}});
  CHECK(play.state.translations == before.translations);
  CHECK(play.state.stages[play.ref("tts").stage]
        == before.stages[before.plan->find("tts") >= 0 ? play.ref("tts").stage
                                                       : 0]);
  CHECK(test::fold(play.history) == play.state);
  CHECK(
    judge(play.state, {control_verb::redo, "tts:es", "anna", "", false}).what
    == verdict::kind::impossible);
  play.feed(in::told{play.state.debt});
  play.feed({in::control{control_verb::redo, "asr", "anna", "", false}});
  auto again = calls_of(play);
  CHECK(again["asr"] == 1);
  CHECK(again["translate:fr"] == 3);
  CHECK(again.count("extract") == 0);
}

TEST_CASE("several languages: a translation is edited in one of them") {
  auto play = completed_in_three();
  auto before = play.state;
  play.feed(edit_in("de", 1, {}, "anders"));
  CHECK(calls_of(play)
        == counts{{"tts:de", 1}, {"merge:de", 1}, {"upload:de", 1}});
  CHECK(play.state.dub(1).translations[1] == "anders");
  CHECK(play.state.translations == before.translations);
  CHECK(play.state.speeches == before.speeches);
  CHECK(play.state.dub(2) == before.dub(2));
  CHECK(test::fold(play.history) == play.state);
  play.feed(in::told{play.state.debt});
  CHECK(judge(play.state, edit_in("de", 1, {}, "anders")).what
        == verdict::kind::already);
  auto none = judge(play.state, edit_in("es", 1, {}, "x"));
  CHECK(none.what == verdict::kind::absent);
  CHECK(none.why == "the job is not dubbed into es, but hi, de, fr");
  play.feed(edit_in("", 2, {}, "aur"));
  CHECK(calls_of(play) == counts{{"tts", 1}, {"merge", 1}, {"upload", 1}});
}

TEST_CASE("several languages: a text is edited in all of them") {
  auto all = counts{{"translate", 1}, {"tts", 1},          {"merge", 1},
                    {"upload", 1},    {"translate:de", 1}, {"tts:de", 1},
                    {"merge:de", 1},  {"upload:de", 1},    {"translate:fr", 1},
                    {"tts:fr", 1},    {"merge:fr", 1},     {"upload:fr", 1}};
  auto play = completed_in_three();
  play.feed(edit_in("", 1, "other words", {}));
  CHECK(calls_of(play) == all);
  CHECK(play.state.dub(2).translations[1] == "fr: other words");
  play.feed(in::told{play.state.debt});
  // With a translation: that one is taken as it is.
  play.feed(edit_in("fr", 1, "third words", "d'autres mots"));
  all.erase("translate:fr");
  CHECK(calls_of(play) == all);
  CHECK(play.state.dub(2).translations[1] == "d'autres mots");
  CHECK(play.state.dub(1).translations[1] == "de: third words");
  play.feed(in::told{play.state.debt});
  // The text is the same: it concerns nobody.
  play.feed(edit_in("fr", 1, "third words", "encore"));
  CHECK(calls_of(play)
        == counts{{"tts:fr", 1}, {"merge:fr", 1}, {"upload:fr", 1}});
  CHECK(test::fold(play.history) == play.state);
}

TEST_CASE("several languages: lost sound is made again where it was lost") {
  auto play = completed_in_three();
  auto asked = edit_in("de", 1, {}, "anders");
  auto needed = files_needed(play.state, asked);
  CHECK(needed.size() == 2);
  for (auto& file : needed)
    CHECK(play.state.plan->stages[file.maker.stage].name == "tts:de");
  asked.looked = true;
  asked.gone = {play.ref("tts:de", 2)};
  play.feed(asked);
  CHECK(calls_of(play)
        == counts{{"tts:de", 2}, {"merge:de", 1}, {"upload:de", 1}});
  CHECK(test::fold(play.history) == play.state);
}

TEST_CASE("several languages: an artifact is lost on the way") {
  auto play = play_of();
  play.play_until("merge:fr");
  auto lost = play.state.dub(2).speeches[1]->audio.key;
  play.feed(in::gave_up{
    play.ref("merge:fr"), 1, {fault_code::not_found, "gone", 404, {}, lost}});
  auto again = calls_of(play);
  CHECK(again["tts:fr"] == 1);
  CHECK(again["merge:fr"] == 1);
  CHECK(again.count("tts") == 0);
  CHECK(again.count("tts:de") == 0);
}

TEST_CASE("several languages: degraded segments are a language's own") {
  auto play = play_of(4);
  play.rules.on_exhausted["tts"] = exhausted::keep_original;
  play.rules.max_degraded_ratio = 0.25;
  play.play_until("merge");
  auto open = play.next();
  auto de = play.ref("tts:de", 0);
  REQUIRE(std::find(open.begin(), open.end(), de) == open.end());
  play.play_until("tts:de");
  play.feed(play.answer(play.ref("translate:de", 0)));
  play.feed(in::gave_up{de, 3, {fault_code::timeout, "late", 0, {}}});
  CHECK(play.state.degraded.empty());
  CHECK(play.state.dub(1).degraded.size() == 1);
  calls_of(play);
  CHECK(play.state.owed->activity
        == "Dubbing complete in 3 languages, 1 of 4 segments kept the original "
           "sound in de");
  CHECK(artifacts_of(play.state, 1)["video"] == "dubbed_7.de.mp4");
  CHECK(test::fold(play.history) == play.state);
}

TEST_CASE("several languages: at another run the gateway may want others") {
  auto play = completed_in_three();
  play.feed({in::control{control_verb::restart, {}, "anna", "", false}});
  auto answer = play.answer(play.ref("fetch"));
  SECTION("fewer") {
    std::get<fetched>(answer.result).options.edit().target_languages
      = {"hi", "fr"};
    play.feed(answer);
    CHECK(play.state.plan->further == std::vector<std::string>{"fr"});
    CHECK(calls_of(play).count("merge:de") == 0);
  }
  SECTION("one") {
    std::get<fetched>(answer.result).options.edit().target_languages.clear();
    play.feed(answer);
    CHECK(play.state.plan.ptr() == dubbing_pipeline());
    CHECK(calls_of(play).count("merge:fr") == 0);
  }
  SECTION("the same") {
    auto facts = play.names(answer);
    CHECK(std::count(facts.begin(), facts.end(), "languages.chosen") == 0);
    CHECK(calls_of(play)["merge:fr"] == 1);
  }
  CHECK(play.state.output_object_key == "dubbed_7.mp4");
  play.feed(in::told{play.state.debt});
  CHECK(play.state.row.status == job_status::completed);
  CHECK(test::fold(play.history) == play.state);
}
