"""model_services - model services as npm @copilotkit/aimock plays them; each notes what reached it."""
import json
import os
import subprocess
import urllib.request

HERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'integration', 'worker')


class ModelServices:
    """OpenAI, Anthropic and Ollama on one port."""

    def __init__(self):
        if not os.path.isdir(os.path.join(HERE, 'node_modules', '@copilotkit')):
            subprocess.run(['npm', 'ci', '--silent'], cwd=HERE, check=True)
        self.process = subprocess.Popen(
            ['node', 'aimock.mjs'], cwd=HERE, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        self.port = int(self.process.stdout.readline())
        self.place = f'127.0.0.1:{self.port}'
        self.url = f'http://{self.place}'
        self.openai = self.url + '/v1'

    def take(self):
        """What has come since the last time: {path, headers, body}."""
        request = urllib.request.Request(self.url + '/requests', method='DELETE')
        with urllib.request.urlopen(request) as answer:
            return json.load(answer)

    def end(self):
        self.process.stdin.close()
        self.process.wait()


def credentials(requests):
    """All that could be one, of all these requests."""
    return [r['headers'].get('authorization', '') + r['headers'].get('x-api-key', '') for r in requests]
