"""The scripted neighbour itself: contracts, counts, and faults on demand."""
import http.client
import io
import json
import unittest
import wave

from support import neighbour


def wav(seconds, level):
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(bytes([level, 0]) * int(8000 * seconds))
    return out.getvalue()


class neighbour_test(unittest.TestCase):
    def setUp(self):
        self.server = neighbour.server().start()
        self.addCleanup(self.server.close)
        self.connection = http.client.HTTPConnection(
            "127.0.0.1", self.server.server_address[1], timeout=10)
        self.addCleanup(self.connection.close)

    def call(self, method, path, body=None, headers=None):
        if isinstance(body, dict):
            body = json.dumps(body)
        self.connection.request(method, path, body, headers or {})
        answer = self.connection.getresponse()
        data = answer.read()
        if answer.getheader("Content-Type") == "audio/wav":
            return answer.status, data
        return answer.status, json.loads(data)

    def transcribe(self, audio):
        body = (b'--x\r\nContent-Disposition: form-data; name="file"; '
                b'filename="a.wav"\r\n\r\n' + audio + b"\r\n--x--\r\n")
        return self.call("POST", "/transcribe", body,
                         {"Content-Type": "multipart/form-data; boundary=x"})

    def test_gateway(self):
        self.call("POST", "/_control", {"jobs": [{"id": 7}]})
        self.assertEqual(self.call("GET", "/api/v1/job/8")[0], 404)
        self.assertEqual(self.call("PATCH", "/api/v1/job/8", {})[0], 500)
        self.assertEqual(
            self.call("PATCH", "/api/v1/job/7", {"status": "PARKED"})[0], 500)
        status, job = self.call("PATCH", "/api/v1/job/7", {"progress": 40})
        self.assertEqual((status, job["progress"]), (200, 40))
        self.assertEqual(self.call("GET", "/api/v1/job/7")[1]["status"],
                         "QUEUED")
        self.assertEqual(self.call("GET", "/_jobs")[1][0]["patches"],
                         [{"progress": 40}])

    def test_transcripts_cover_the_audio_and_differ(self):
        status, first = self.transcribe(wav(10, 1))
        self.assertEqual((status, len(first["segments"])), (200, 20))
        self.assertAlmostEqual(first["segments"][19]["end"], 9.95, 2)
        _, second = self.transcribe(wav(10, 2))
        texts = {s["text"] for s in first["segments"] + second["segments"]}
        self.assertEqual(len(texts), 40)
        self.assertEqual(self.call("POST", "/transcribe", b"")[0], 422)

    def test_translate_and_speech(self):
        self.assertEqual(self.call("POST", "/translate", {"text": "a"})[0], 422)
        _, answer = self.call("POST", "/translate", {
            "text": "a", "source_lang": "en", "target_lang": "es"})
        self.assertEqual(answer, {"translated_text": "es: a"})
        _, answer = self.call("POST", "/synthesize", {"text": "a", "lang": "es"})
        name = answer["audio_path"].rpartition("/")[2]
        status, audio = self.call("GET", "/audio/" + name)
        self.assertEqual((status, audio[:4]), (200, b"RIFF"))
        self.assertEqual(self.call("GET", "/audio/other.wav")[0], 404)

    def test_rules_skip_and_run_out(self):
        self.call("POST", "/_control", {"rules": [
            {"path": "GET /health", "skip": 1, "status": 503}]})
        statuses = [self.call("GET", "/health")[0] for _ in range(3)]
        self.assertEqual(statuses, [200, 503, 200])

    def test_dropped_and_half_answers(self):
        self.call("POST", "/_control", {"rules": [
            {"path": "GET /health", "drop": True},
            {"path": "GET /health", "half": True}]})
        with self.assertRaises(http.client.RemoteDisconnected):
            self.call("GET", "/health")
        self.connection.close()
        with self.assertRaises(http.client.IncompleteRead):
            self.call("GET", "/health")
        self.connection.close()
        self.assertEqual(self.call("GET", "/health", headers={
            "Idempotency-Key": "k"})[0], 200)
        counts = self.call("GET", "/_counts")[1]
        self.assertEqual(counts["paths"]["GET /health"], 3)
        self.assertEqual(counts["keys"]["GET /health"], {"k": 1})


if __name__ == "__main__":
    unittest.main()
