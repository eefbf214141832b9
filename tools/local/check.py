"""Whether a dubbed video is what was promised."""
from local import media
from local.errors import refused

# ISO 639-2, as MP4 wants it, of the languages that the engines speak.
LANGUAGES = {"ca": "cat", "en": "eng", "eo": "epo", "es": "spa", "fr": "fra",
             "it": "ita", "pt": "por"}


class found_wrong(refused):
    """The dubbed video is not what it should be."""


def tag(language):
    return LANGUAGES.get(language.split("-")[0].lower())


def expect(condition, what):
    if not condition:
        raise found_wrong(f"The dubbed video is wrong: {what}.")


def check_streams(facts, language, subtitles):
    picture = media.streams(facts, "video")
    sound = media.streams(facts, "audio")
    texts = media.streams(facts, "subtitle")
    expect(len(picture) == 1, f"{len(picture)} video streams instead of one")
    expect(len(sound) == 1, f"{len(sound)} sound tracks instead of one")
    expect(len(texts) == int(subtitles),
           f"{len(texts)} subtitle tracks instead of {int(subtitles)}")
    wanted = tag(language)
    for stream in sound + texts:
        has = stream.get("tags", {}).get("language")
        expect(wanted is None or has == wanted,
               f"the {stream['codec_type']} track's language is {has}, "
               f"not {wanted}")


def check_length(source, result):
    differs = abs(media.seconds(source) - media.seconds(result))
    frame = media.frame_seconds(source)
    # Containers round to the millisecond.
    expect(differs <= frame + 0.002,
           f"its length differs by {differs:.3f} s from the source's")


def check_picture(source, result, copied):
    """Equal packets, or, where a container frames them in another way, equal
    pictures. A picture that was encoded anew is compared with nothing."""
    if not copied:
        return "encoded anew as H.264, since MP4 cannot hold the source's"
    if media.video_hash(source) == media.video_hash(result):
        return "the source's, bit for bit"
    expect(media.video_hash(source, True) == media.video_hash(result, True),
           "its pictures are not the source's")
    return "the source's, in another framing"


def check(source, result, language, subtitles, copied):
    """Raises `found_wrong`; lines for people that say what was found."""
    before, after = media.probe(source), media.probe(result)
    expect(after is not None, "ffprobe cannot read it")
    check_streams(after, language, subtitles)
    check_length(before, after)
    picture = check_picture(source, result, copied)
    sound = media.streams(after, "audio")[0]
    lines = [f"picture: {picture}",
             f"sound: {sound['codec_name']}, language {tag(language) or language}",
             f"length: {media.seconds(after):.2f} s "
             f"(source {media.seconds(before):.2f} s)"]
    if subtitles:
        lines.append("subtitles: a track of the video, and files")
    return lines
