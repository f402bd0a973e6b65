import assert from 'node:assert/strict';
import { join } from 'node:path';
import { ONCE, inForms } from '../support/inForms.mjs';

const METHODS = /^ {4}(get|put|post|delete|patch):$/gm;

export const docs = inForms(ONCE, {
  async 'the description is shown whole, asks nobody else and breaks no policy'({ config, newPage }) {
    const page = await newPage();
    const { origin } = new URL(config.url);
    /** @type {string[]} */
    const asked = [];
    /** @type {string[]} */
    const complaints = [];

    page.on('request', (/** @type {any} */ request) => asked.push(request.url()));
    page.on('console', (/** @type {any} */ message) => message.type() === 'error' && complaints.push(message.text()));
    page.on('pageerror', (/** @type {any} */ error) => complaints.push(String(error)));
    const answer = await page.goto(`${config.url}/docs`);
    await page.locator('html[data-ready]').waitFor();
    const text = await (await fetch(`${config.url}/docs/openapi.yaml`)).text();
    const operations = [...text.slice(0, text.indexOf('\ncomponents:')).matchAll(METHODS)].length;

    assert.ok(operations > 100, `${operations} operations are described`);
    await page.waitForFunction((n) => document.querySelectorAll('.opblock').length >= n, operations);
    assert.equal(await page.locator('.opblock').count(), operations, 'operations shown');
    await page.screenshot({ path: join(config.shots, 'docs.png') });

    const one = page.locator('.opblock', { hasText: '/api/bots/{id}' }).first();
    await one.locator('.opblock-summary-control').first().click();
    await one.locator('.opblock-body .responses-wrapper').waitFor();
    await one.scrollIntoViewIfNeeded();
    await page.screenshot({ path: join(config.shots, 'docs-operation.png') });

    const policy = answer.headers()['content-security-policy'];
    assert.match(policy, /default-src 'self'/);
    assert.doesNotMatch(policy, /unsafe|\*/);
    assert.deepEqual(await page.evaluate(() => window.told.violations), [], 'violations');
    assert.deepEqual(complaints, [], 'complaints');
    assert.deepEqual(asked.filter((url) => !url.startsWith('data:') && new URL(url).origin !== origin), [], 'requests to others');
  },
});
