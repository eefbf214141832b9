#!/usr/bin/env python3
"""ASR, translate or TTS as the platform has them: a FastAPI app under uvicorn.

  fastapi_services.py asr|translate|tts FOLDER    prints "listening on HOST:PORT"

The answers are made up, but what an app of this kind does by itself is real: it
validates (422 with a detail), closes idle connections, streams files, and has no
GET /languages.
"""
import math
import pathlib
import socket
import struct
import sys
import uuid
import wave
from typing import Optional

import fastapi
import fastapi.responses
import pydantic
import uvicorn

RATE = 22050
SEGMENT = 4.0  # seconds


class translate_request(pydantic.BaseModel):
    text: str
    source_lang: str
    target_lang: str


class synthesize_request(pydantic.BaseModel):
    text: str
    lang: str
    voice: Optional[str] = None


def asr_app(folder):
    app = fastapi.FastAPI()

    @app.post("/transcribe")
    def transcribe(file: fastapi.UploadFile):
        path = folder / f"{uuid.uuid4()}.wav"
        path.write_bytes(file.file.read())
        with wave.open(str(path)) as sound:
            seconds = sound.getnframes() / sound.getframerate()
        path.unlink()
        return {"segments": [
            {"start": i * SEGMENT, "end": min(seconds, (i + 0.8) * SEGMENT),
             "text": f" Sentence number {i}."}
            for i in range(math.ceil(seconds / SEGMENT))]}
    return app


def translate_app(_):
    app = fastapi.FastAPI()

    @app.post("/translate")
    def translate(asked: translate_request):
        return {"translated_text": f"{asked.target_lang} <{asked.text.strip()}>"}
    return app


def tts_app(folder):
    app = fastapi.FastAPI()

    @app.post("/synthesize")
    def synthesize(asked: synthesize_request):
        path = folder / f"{uuid.uuid4()}.wav"
        with wave.open(str(path), "wb") as sound:
            sound.setnchannels(1)
            sound.setsampwidth(2)
            sound.setframerate(RATE)
            sound.writeframes(b"".join(
                struct.pack("<h", int(9000 * math.sin(i / 20)))
                for i in range(int(RATE * 0.06 * len(asked.text)))))
        return {"audio_path": str(path)}

    @app.get("/audio/{filename}")
    def audio(filename: str):
        path = folder / pathlib.Path(filename).name
        if not path.is_file():
            raise fastapi.HTTPException(404, "File not found")
        return fastapi.responses.FileResponse(path, media_type="audio/wav")
    return app


def main(mode, folder):
    app = {"asr": asr_app, "translate": translate_app,
           "tts": tts_app}[mode](pathlib.Path(folder))

    @app.get("/health")
    def health():
        return {"status": "ok"}

    door = socket.create_server(("127.0.0.1", 0), backlog=128)
    print(f"listening on 127.0.0.1:{door.getsockname()[1]}", flush=True)
    uvicorn.Server(uvicorn.Config(app, log_level="warning")).run([door])


if __name__ == "__main__":
    main(*sys.argv[1:])
