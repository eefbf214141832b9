#include "clients/media/loudness.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <optional>

namespace dubber {

namespace {

/// The number behind the last `label` in what ffmpeg said.
std::optional<double> number_after(const std::string& text,
                                   const std::string& label) {
  auto at = text.rfind(label);
  if (at == std::string::npos)
    return std::nullopt;
  auto begin = text.c_str() + at + label.size();
  char* end = nullptr;
  auto value = std::strtod(begin, &end);
  return end == begin ? std::nullopt : std::optional{value};
}

} // namespace

result<loudness> measure_graph(const ffmpeg_tools& tools,
                               const arguments& inputs,
                               const std::string& graph,
                               const task_clock& clock) {
  auto args = inputs;
  append(args, {"-filter_complex",
                graph + ";[out]ebur128=peak=true:framelog=verbose[measured]",
                "-map", "[measured]", "-f", "null", "-"});
  auto ran = run_ffmpeg(tools, args, clock, ffmpeg_says::all);
  if (!ran)
    return ran.error();
  // The summary comes last: "    I:         -22.2 LUFS", "    Peak:  -1.3
  // dBFS".
  auto lkfs = number_after(ran->err, " I: ");
  auto peak = number_after(ran->err, " Peak: ");
  if (!lkfs || !peak)
    return fault{fault_code::internal, "ffmpeg measured no loudness", 0, {}};
  loudness out;
  out.lkfs = std::isfinite(*lkfs) ? std::max(*lkfs, loudness::silence_lkfs)
                                  : loudness::silence_lkfs;
  out.true_peak_db = std::isfinite(*peak) ? std::max(*peak, -100.0) : -100;
  return out;
}

} // namespace dubber
