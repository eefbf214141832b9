/// Whatever a camera or a converter may have written.
#include "tests/support/media_lab.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <fstream>

using namespace dubber;
using nlohmann::json;
using test::media_lab;

namespace {

/// How the picture goes over.
enum class picture {
  same_packets, ///< bit for bit
  same_frames,  ///< copied, but MP4 frames the packets in another way
  anew,         ///< as H.264
};

struct odd_input {
  const char* name;
  std::string make; ///< ffmpeg's arguments before the file's name
  picture how = picture::same_packets;
  double seconds = 0; ///< where the container's own length is none
};

std::string film(const std::string& rate = "25",
                 const std::string& size = "96x64") {
  return "-f lavfi -i testsrc=duration=2:size=" + size + ":rate=" + rate + " ";
}

std::string tone(const std::string& seconds = "2") {
  return "-f lavfi -i sine=frequency=440:duration=" + seconds + " ";
}

const std::string h264 = "-c:v libx264 -preset ultrafast -pix_fmt yuv420p ";
const std::string b_frames = "-c:v libx264 -pix_fmt yuv420p ";
const std::string aac = "-c:a aac ";

const std::string av = film() + tone();

const std::vector<odd_input> coders{
  {"plain.mp4", av + b_frames + aac},
  {"vp8.webm", av + "-c:v libvpx -c:a libvorbis", picture::anew},
  {"vp9.webm", av + "-c:v libvpx-vp9 -deadline realtime -c:a libopus"},
  {"mpeg4.avi", av + "-c:v mpeg4 -c:a mp3"},
  {"h264.avi", av + b_frames + "-c:a mp3", picture::anew},
  {"old.flv", av + "-c:v flv -c:a mp3 -ar 44100", picture::anew},
  {"hevc.mkv", av
                 + "-c:v libx265 -preset ultrafast -x265-params "
                   "log-level=none -c:a aac"},
  {"dvd.mpg", av + "-c:v mpeg2video -c:a mp2", picture::same_frames},
  {"windows.wmv", av + "-c:v wmv2 -c:a wmav2", picture::anew},
  {"free.ogv", av + "-c:v libtheora -c:a libvorbis", picture::anew},
  {"surround.mkv", av + h264 + "-c:a ac3 -ac 6"},
  {"phone.mov",
   av + h264 + "-c:a pcm_s16le -ac 1 -ar 8000 -metadata:s:v rotate=90"},
};

const std::vector<odd_input> shapes{
  {"space é фильм's.mp4", av + h264 + aac},
  {"-dash.mp4", av + h264 + aac},
  {"odd.webm", film("25", "97x63") + tone() + "-c:v libvpx -c:a libvorbis",
   picture::anew},
  {"odd.mp4", film("25", "97x63") + tone()
                + "-c:v libx264 -preset ultrafast -pix_fmt yuv444p " + aac},
  {"two.mkv", film() + tone() + tone() + h264 + "-map 0 -map 1 -map 2 " + aac},
  {"titles.mkv", av
                   + "-i TITLES -map 0 -map 1 -map 2 -c:s srt -attach TITLES "
                     "-metadata:s:t mimetype=text/plain "
                   + h264 + aac},
  {"cover.mp4", film() + tone() + "-f lavfi -i color=s=32x32:d=0.04 "
                  + "-map 2 -map 0 -map 1 -c:v:0 png -disposition:v:0 "
                    "attached_pic -c:v:1 libx264 "
                  + aac},
  {"pieces.mp4", av + b_frames + aac + "-movflags frag_keyframe+empty_moov"},
  {"no_length.mkv", av + h264 + aac + "-f matroska - | cat >",
   picture::same_packets, 2.02},
};

const std::vector<odd_input> clocks{
  {"ntsc.mp4", film("30000/1001") + tone() + h264 + aac},
  {"cinema.mp4", film("24000/1001") + tone() + b_frames + aac},
  {"fifty.mkv", film("50") + tone() + h264 + "-c:a flac"},
  {"uneven.mkv", av + h264 + "-vf select='not(mod(n\\,3))' -vsync vfr " + aac},
  {"short.mp4", av + h264 + aac + "-t 0.5"},
  {"start.ts", av + b_frames + aac + "-output_ts_offset 7",
   picture::same_frames},
  {"late.ts",
   film() + "-itsoffset 0.7 " + tone("1") + b_frames + aac
     + "-output_ts_offset 7",
   picture::same_frames},
  {"start.mkv", av + b_frames + aac + "-output_ts_offset 3",
   picture::same_packets, 2.04},
  {"late_sound.mp4", film() + "-itsoffset 0.7 " + tone("1") + h264 + aac},
  {"late_picture.mkv", "-itsoffset 0.6 " + av + b_frames + aac},
  {"more_sound.mp4", film() + tone("3.3") + h264 + aac},
  {"less_sound.mp4", film() + tone("0.8") + h264 + aac},
};

/// All that is looked at, in one run of ffprobe.
json look(const media_lab& lab, const std::filesystem::path& file) {
  return json::parse(lab.shell(
    lab.tools.ffprobe
    + " -v error -of json -show_data_hash md5 -show_entries "
      "format=duration,start_time:stream=index,codec_type,codec_name,width,"
      "height,pix_fmt:stream_tags=language,handler_name:stream_side_data="
      "rotation:stream_disposition=attached_pic:packet=stream_index,pts_time,"
      "data_hash "
    + media_lab::quoted(file)));
}

double number(const json& j, const char* key) {
  return std::strtod(j.value(key, "nan").c_str(), nullptr);
}

const json& stream(const json& seen, const std::string& type) {
  for (auto& each : seen.at("streams"))
    if (each.at("codec_type") == type
        && each.value("/disposition/attached_pic"_json_pointer, 0) == 0)
      return each;
  throw std::runtime_error("no " + type);
}

struct packets {
  std::vector<std::string> hashes; ///< in the file's order
  std::vector<double> times;       ///< sorted, from the file's start
};

packets picture_of(const json& seen) {
  packets out;
  auto index = stream(seen, "video").at("index");
  for (auto& each : seen.at("packets"))
    if (each.at("stream_index") == index) {
      out.hashes.push_back(each.at("data_hash"));
      out.times.push_back(number(each, "pts_time")
                          - number(seen.at("format"), "start_time"));
    }
  std::sort(out.times.begin(), out.times.end(), [](double a, double b) {
    return std::isfinite(a) && (!std::isfinite(b) || a < b);
  });
  return out;
}

/// MP4's index comes before its media.
bool starts_fast(const std::filesystem::path& file) {
  std::ifstream in{file, std::ios::binary};
  std::string head(4096, '\0');
  in.read(head.data(), static_cast<std::streamsize>(head.size()));
  auto moov = head.find("moov");
  return moov != std::string::npos && moov < head.find("mdat");
}

void check_picture(const media_lab& lab, const odd_input& x, const json& source,
                   const json& dubbed, const std::filesystem::path& video) {
  auto before = picture_of(source), after = picture_of(dubbed);
  if (x.how == picture::same_packets)
    CHECK(before.hashes == after.hashes);
  if (x.how == picture::same_frames) {
    auto frames = [&](const std::filesystem::path& file) {
      return lab.shell(lab.tools.ffmpeg + " -nostdin -v error -i "
                       + media_lab::quoted(file) + " -map 0:v:0 -f md5 -");
    };
    CHECK(frames(lab.object(x.name)) == frames(video));
  }
  auto& shown = stream(dubbed, "video");
  if (x.how == picture::anew) {
    CHECK(shown.at("codec_name") == "h264");
    CHECK(shown.at("pix_fmt") == "yuv420p");
    CHECK(shown.at("width").get<int>() % 2 == 0);
    CHECK(shown.at("height").get<int>() % 2 == 0);
    return; // a coder may show a frame twice or drop one
  }
  CHECK(shown.at("codec_name") == stream(source, "video").at("codec_name"));
  CHECK(shown.value("side_data_list", json::array())
        == stream(source, "video").value("side_data_list", json::array()));
  REQUIRE(before.times.size() == after.times.size());
  auto told = std::all_of(before.times.begin(), before.times.end(),
                          [](double at) { return std::isfinite(at); });
  if (told) // AVI and MPEG's program streams do not say all times
    for (std::size_t i = 0; i < before.times.size(); ++i)
      CHECK(after.times[i] == Approx(before.times[i]).margin(0.002));
}

void check_tracks(const json& dubbed) {
  CHECK(dubbed.at("streams").size() == 3);
  for (auto type : {"audio", "subtitle"}) {
    auto& tags = stream(dubbed, type).at("tags");
    CHECK(tags.at("language") == "spa");
    CHECK(tags.at("handler_name").get<std::string>().find("Spanish") == 0);
  }
  CHECK(stream(dubbed, "audio").at("codec_name") == "aac");
  CHECK(stream(dubbed, "subtitle").at("codec_name") == "mov_text");
}

void check_dub(media_lab& lab, const odd_input& x, const spoken& speech) {
  INFO(x.name);
  auto heard = lab.extract(x.name);
  INFO((heard ? "" : heard.error().message));
  REQUIRE(heard);
  auto in = test::merge_of(x.name, std::get<extracted>(*heard).seconds);
  in.pieces.push_back(test::piece_of({0.1, 0.4}, speech));
  auto made = lab.merge(in);
  INFO((made ? "" : made.error().message));
  REQUIRE(made);
  auto video = lab.object(std::get<merged>(*made).video.key);
  auto source = look(lab, lab.object(x.name)), dubbed = look(lab, video);
  check_picture(lab, x, source, dubbed, video);
  auto frame = 2.0 / static_cast<double>(picture_of(source).times.size());
  auto length
    = x.seconds > 0 ? x.seconds : number(source.at("format"), "duration");
  CHECK(number(dubbed.at("format"), "duration")
        == Approx(length).margin(frame + 0.001));
  CHECK(number(dubbed.at("format"), "start_time") == 0);
  CHECK(starts_fast(video));
  check_tracks(dubbed);
}

void check_dubs(const std::vector<odd_input>& inputs) {
  media_lab lab;
  auto speech = lab.speak(0.25, 300);
  auto titles
    = lab.root.write("titles.srt", "1\n00:00:00,000 --> 00:00:01,000\nhi\n\n");
  for (auto& x : inputs) {
    auto args = x.make;
    for (auto at = args.find("TITLES"); at != std::string::npos;
         at = args.find("TITLES"))
      args.replace(at, 6, titles.string());
    lab.make(x.name, args);
    check_dub(lab, x, speech);
  }
  CHECK(lab.scratch_empties());
}

} // namespace

TEST_CASE("odd inputs are dubbed: coders and containers") {
  check_dubs(coders);
}

TEST_CASE("odd inputs are dubbed: names, sizes, further streams") {
  check_dubs(shapes);
}

TEST_CASE("odd inputs are dubbed: frame rates and clocks") {
  check_dubs(clocks);
}

TEST_CASE("what cannot be dubbed is refused in one clear sentence") {
  media_lab lab;
  lab.make("mute.mp4", film() + h264);
  lab.make("podcast.mp4", tone() + aac);
  lab.make("cover.mp4", tone()
                          + "-f lavfi -i color=s=32x32:d=0.04 -map 0 "
                            "-map 1 -c:v png -disposition:v attached_pic "
                          + aac);
  auto other = lab.root.file("other.ts");
  lab.shell(lab.tools.ffmpeg + " -nostdin -v error " + film() + tone() + h264
            + aac + other.string());
  const std::pair<const char*, std::string> rubbish[]
    = {{"empty.mp4", ""},
       {"garbage.mp4", std::string(5000, '\x7f')},
       {"text.mp4", "1\n00:00:00,000 --> 00:00:01,000\nhello\n"},
       {"list.mp4",
        "#EXTM3U\n#EXTINF:2,\n" + other.string() + "\n#EXT-X-ENDLIST\n"},
       {"concat.mp4", "ffconcat version 1.0\nfile " + other.string() + "\n"},
       {"No space left on device.mp4", "rubbish"}};
  for (auto& [name, text] : rubbish)
    std::ofstream{lab.object(name), std::ios::binary} << text;
  const std::pair<const char*, const char*> expected[]
    = {{"mute.mp4", "the source has no sound, so there is nothing to dub"},
       {"podcast.mp4", "the source is not a video: it has no moving picture"},
       {"cover.mp4", "the source is not a video: it has no moving picture"},
       {"empty.mp4", "the source is not a video: ffmpeg cannot read it"},
       {"garbage.mp4", "the source is not a video: ffmpeg cannot read it"},
       {"text.mp4", "the source is not a video: ffmpeg cannot read it"},
       {"list.mp4", "the source is not a video: ffmpeg cannot read it"},
       {"concat.mp4", "the source is not a video: ffmpeg cannot read it"},
       {"No space left on device.mp4",
        "the source is not a video: ffmpeg cannot read it"}};
  for (auto& [name, sentence] : expected) {
    INFO(name);
    auto heard = lab.extract(name);
    REQUIRE_FALSE(heard);
    CHECK(heard.error().code == fault_code::invalid_input);
    CHECK(heard.error().message == sentence);
  }
  auto absent = lab.extract("absent.mp4");
  REQUIRE_FALSE(absent);
  CHECK(absent.error().code == fault_code::not_found);
  CHECK(lab.scratch_empties());
}
