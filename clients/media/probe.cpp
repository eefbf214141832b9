#include "clients/media/probe.hpp"

#include <nlohmann/json.hpp>

#include <cmath>
#include <cstdlib>

namespace dubber {

namespace {

using nlohmann::json;

std::string text(const json& j, const char* key) {
  auto i = j.find(key);
  return i != j.end() && i->is_string() ? i->get<std::string>() : std::string{};
}

int number(const json& j, const char* key) {
  auto i = j.find(key);
  return i != j.end() && i->is_number_integer() ? i->get<int>() : 0;
}

/// Of "30000/1001".
double seconds_of_frame(const std::string& rate) {
  char* end = nullptr;
  auto frames = std::strtod(rate.c_str(), &end);
  auto seconds = *end == '/' ? std::strtod(end + 1, nullptr) : 1;
  return frames > 0 && seconds > 0 ? seconds / frames : 0.04;
}

/// A cover or thumbnail, which is a "video" of one frame.
bool is_still(const json& stream) {
  auto i = stream.find("disposition");
  return i != stream.end()
         && (number(*i, "attached_pic") == 1
             || number(*i, "timed_thumbnails") == 1);
}

void take_stream(const json& stream, media_facts& facts) {
  auto type = text(stream, "codec_type");
  auto index = number(stream, "index");
  if (type == "video" && !facts.video && !is_still(stream))
    facts.video
      = media_facts::picture{index, text(stream, "codec_name"),
                             seconds_of_frame(text(stream, "avg_frame_rate"))};
  if (type == "audio" && !facts.audio)
    facts.audio = media_facts::sound{index, text(stream, "codec_name")};
}

fault unusable(const char* why) {
  return {fault_code::invalid_input, why, 0, {}};
}

} // namespace

result<media_facts> probe_media(const ffmpeg_tools& tools,
                                const std::filesystem::path& file,
                                const task_clock& clock) {
  arguments args{
    "-show_entries",
    "format=format_name,duration:stream=index,codec_type,codec_name,"
    "avg_frame_rate:stream_disposition=attached_pic,timed_thumbnails"};
  append(args, probed_file(file));
  auto said = run_ffprobe(tools, args, clock);
  if (!said && said.error().code != fault_code::invalid_input)
    return said.error();
  auto j = said ? json::parse(*said, nullptr, false) : json{};
  auto streams = j.is_object() ? j.value("streams", json::array()) : json{};
  if (!streams.is_array() || streams.empty())
    return unusable("the source is not a video: ffmpeg cannot read it");
  media_facts facts;
  for (auto& stream : streams)
    if (stream.is_object())
      take_stream(stream, facts);
  if (auto i = j.find("format"); i != j.end() && i->is_object()) {
    facts.container = text(*i, "format_name");
    auto seconds = std::strtod(text(*i, "duration").c_str(), nullptr);
    facts.seconds = std::isfinite(seconds) && seconds > 0 ? seconds : 0;
  }
  return facts;
}

result<media_facts> probe_source(const ffmpeg_tools& tools,
                                 const std::filesystem::path& file,
                                 const task_clock& clock) {
  auto facts = probe_media(tools, file, clock);
  if (!facts)
    return facts;
  if (!facts->video)
    return unusable("the source is not a video: it has no moving picture");
  if (!facts->audio)
    return unusable("the source has no sound, so there is nothing to dub");
  if (facts->seconds > max_media_seconds)
    return fault{
      fault_code::limit_exceeded, "the source is longer than 12 hours", 0, {}};
  return facts;
}

} // namespace dubber
