"""foreign_sockets - a visitor's WebSocket that names what is another tenant's."""
import os

import sock


def chat(house, own, session, **more):
    return sock.Socket(house.port, '/ws/chat/' + session, protocols=['cc.v1', 'cc.key.' + own.public], **more)


def ended(frame):
    return frame['type'] in ('done', 'error')


class Visitor:
    """own's, who knows ids of other; keeps what he was told."""

    def __init__(self, house, own, other):
        self.other, self.wrong, self.heard = other, [], []
        self.at_the_door(house, own, own.proof('somebody'))
        self.socket = chat(house, own, os.urandom(16).hex(), headers=own.proof('somebody'))
        self.inside()
        self.socket.drop()

    def at_the_door(self, house, own, proof):
        for words, headers in (('somebody', proof), ('nobody in particular', {})):
            try:
                chat(house, own, self.other.session, headers=headers).drop()
                self.wrong.append(f'{words}: the session of another was opened')
            except sock.Refused as e:
                self.note(f'{words}: the session of another', e.answer.status, 404)

    def inside(self):
        for type in ('resume', 'stop'):
            self.socket.send(dict(type=type, answerId=self.other.answer))
            self.note(f'{type} of the answer of another', self.until_end()['status'], 404)
        self.socket.send(dict(type='message', message='Mine?', messageId=self.other.message_id))
        end = self.until_end()
        self.note('a message with the id of another', end['type'], 'done')
        self.note('... is an answer of its own', end['answerId'] != self.other.answer, True)

    def until_end(self):
        frames = self.socket.until(ended)
        self.heard += frames
        return frames[-1]

    def note(self, words, got, wanted):
        if got != wanted:
            self.wrong.append(f'{words}: {got}')

    def leaks(self):
        text = str(self.heard)
        marks = (self.other.mark, self.other.id, self.other.session, self.other.bot)
        return [mark for mark in marks if mark in text]
