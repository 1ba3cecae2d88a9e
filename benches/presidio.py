"""The detector that `sar evaluate --compare presidio` and `cargo xtask bench detect` compare with.

Presidio with the recognizers that it enables for English by default, on a tokenizer without a model: the
recognizer that needs a trained model is removed, nothing is downloaded.

Each line of the input is `{"id":…,"text":…}`. Prints `{"id":…,"spans":[{"entity","start","end","score"}]}`
for each, offsets in characters, and last the seconds that the start and the analysis took.
"""

import json
import logging
import sys
import time

STARTED = time.perf_counter()

import spacy
import tldextract
from presidio_analyzer import AnalyzerEngine, RecognizerRegistry
from presidio_analyzer.nlp_engine import NlpArtifacts, NlpEngine


class Tokenizer(NlpEngine):
    """Splits into words; knows no names and no lemmas but the words themselves."""

    def __init__(self):
        self.nlp = spacy.blank("en")
        self.nlp.max_length = 1 << 30

    def load(self):
        pass

    def is_loaded(self):
        return True

    def process_text(self, text, language):
        doc = self.nlp(text)
        return NlpArtifacts(
            entities=[],
            tokens=doc,
            tokens_indices=[token.idx for token in doc],
            lemmas=[token.lower_ for token in doc],
            nlp_engine=self,
            language=language,
        )

    def process_batch(self, texts, language, **_):
        for text in texts:
            yield text, self.process_text(text, language)

    def is_stopword(self, word, language):
        return self.nlp.vocab[word].is_stop

    def is_punct(self, word, language):
        return self.nlp.vocab[word].is_punct

    def get_supported_entities(self):
        return []

    def get_supported_languages(self):
        return ["en"]


def engine():
    logging.disable(logging.WARNING)
    # It would ask the network for a newer list of domains.
    tldextract.extract = tldextract.TLDExtract(suffix_list_urls=())
    tokenizer = Tokenizer()
    registry = RecognizerRegistry()
    registry.load_predefined_recognizers(languages=["en"], nlp_engine=tokenizer)
    registry.remove_recognizer("SpacyRecognizer")
    return AnalyzerEngine(registry=registry, nlp_engine=tokenizer, supported_languages=["en"])


def main():
    texts = [json.loads(line) for line in sys.stdin if line.strip()]
    analyzer = engine()
    # What is loaded at the first use is not counted.
    analyzer.analyze(text="Write to a.b@example.com or call 212-555-0143.", language="en")
    ready, ready_cpu = time.perf_counter(), time.process_time()
    found = [analyzer.analyze(text=text["text"], language="en") for text in texts]
    done, done_cpu = time.perf_counter(), time.process_time()
    for text, results in zip(texts, found):
        spans = [
            {"entity": it.entity_type, "start": it.start, "end": it.end, "score": round(it.score, 4)}
            for it in sorted(results, key=lambda it: (it.start, it.end, it.entity_type))
        ]
        print(json.dumps({"id": text["id"], "spans": spans}))
    took = {
        "start_seconds": round(ready - STARTED, 3),
        "seconds": round(done - ready, 6),
        "cpu_seconds": round(done_cpu - ready_cpu, 6),
    }
    print(json.dumps(took))


main()
