#include "core/pipeline.hpp"

namespace dubber {

int pipeline::find(std::string_view stage) const {
  for (std::size_t i = 0; i < stages.size(); ++i)
    if (stages[i].name == stage)
      return static_cast<int>(i);
  return -1;
}

const pipeline& dubbing_pipeline() {
  using k = work_kind;
  using f = fan_out;
  static const pipeline dub{
    "dub",
    {
      {"fetch", k::fetch, "gateway", "gateway", {}, f::none},
      {"extract", k::extract, "media", "media", {"fetch"}, f::none},
      {"asr", k::transcribe, "asr", "asr", {"extract"}, f::chunks},
      {"translate",
       k::translate,
       "translate",
       "translate",
       {"asr"},
       f::segments},
      {"tts", k::speak, "tts", "tts", {"translate"}, f::segments},
      {"merge", k::merge, "media", "media", {"tts"}, f::none},
      {"upload", k::upload, "store", "store", {"merge"}, f::none},
      {"report", k::report, "gateway", "gateway", {"upload"}, f::none},
    },
  };
  return dub;
}

} // namespace dubber
