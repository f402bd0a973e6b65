"""Stopping an answer, and what the visitor thinks of it."""
import time

import harness as h


def stop(s, bot, answer):
    return s.send('POST', f'/api/widget/answers/{answer}/stop', key=bot.public, body={})


def rate(s, bot, answer, **body):
    return s.send('POST', f'/api/widget/answers/{answer}/feedback', key=bot.public, body=body)


def test_stop(s):
    p = s.stream(key=s.lasting.public, body=dict(message='Stop me'))
    p.first('token')
    asked = time.monotonic()
    a = stop(s, s.lasting, p.answer_id)
    s.check('stop is accepted', a.status == 202 and a.json['answerId'] == p.answer_id, a)
    p.read()
    s.check(
        'the stream ends at once, with done',
        p.names[-1] == 'done' and time.monotonic() - asked < 2,
        (p.names[-1], time.monotonic() - asked),
    )
    s.same('its finishReason', p.done['finishReason'], 'cancelled')
    s.check('its text is what was told', p.text == p.done['text'] and p.text, p.done)
    row = s.row(p.answer_id)
    s.same('it is stored as cancelled', row['state'], 'cancelled')
    s.check('what was generated is charged, no more', 0 < int(row['output_tokens']) < 100, row)
    again = stop(s, s.lasting, p.answer_id)
    s.check('stopping again changes nothing', again.status == 200 and s.row(p.answer_id) == row, again)


def test_stop_before_the_first_token(s):
    p = s.stream(key=s.lasting.public, body=dict(message='Stop me early'))
    p.first('accepted')
    s.same('stop is accepted', stop(s, s.lasting, p.answer_id).status, 202)
    p.read()
    s.check('the stream ends, once', [n for n in p.names if n in ('done', 'error')] == p.names[-1:], p.names)
    state = s.until(lambda: s.row(p.answer_id), lambda r: r and r['state'] != 'running', 10)['state']
    s.same('it is stored as cancelled', state, 'cancelled')


def test_stop_without_a_body(s):
    p = s.told(s.quick)
    s.same(
        'stop needs no body',
        s.send('POST', f'/api/widget/answers/{p.answer_id}/stop', key=s.quick.public).status,
        200,
    )


def test_feedback(s):
    answer = s.ask(s.quick).json['answerId']

    def stored():
        return h.sql(f"SELECT rating, comment FROM feedback WHERE answer_id = '{answer}'")

    for rating, comment in (('up', 'Schön 😀'), ('down', '')):
        a = rate(s, s.quick, answer, rating=rating, comment=comment)
        s.check(f'{rating} is taken: 204 without body', a.status == 204 and a.body == b'', a)
        s.same('the last one counts', stored(), [[rating, comment]])
    for words, body in (
        ('sideways', dict(rating='sideways')),
        ('no rating', dict(comment='x')),
        ('a number', dict(rating=1)),
    ):
        s.problem(f'feedback with {words}', rate(s, s.quick, answer, **body), 400, 'invalid_request')
    s.same(
        'a comment of 2,000 characters is taken',
        rate(s, s.quick, answer, rating='up', comment='ü' * 2000).status,
        204,
    )
    s.problem('a longer one', rate(s, s.quick, answer, rating='up', comment='ü' * 2001), 413, 'too_large')
    s.problem(
        'an unknown answer', rate(s, s.quick, 'ans_00000000000000000000000000000000', rating='up'), 404, 'not_found'
    )
