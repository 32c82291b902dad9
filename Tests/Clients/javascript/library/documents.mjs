// Runs the documents' samples as they stand, with what an application has around them.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import React from 'react';

const require = createRequire(import.meta.url);
const typescript = require('typescript');
const AsyncFunction = (async () => {}).constructor;

/**
 * A sample as a function.
 *
 * @param {string} file its name in `documents/`
 * @param {object} around what the application has: `modules` by the names that the sample imports them by, `replaced`
 *     host and port, a name to give back (`result`), `pause`, awaited before every paragraph, and any globals
 * @returns {() => Promise<unknown>} runs it
 */
export function sample(file, { modules = {}, replaced = {}, result = 'undefined', pause, ...globals }) {
    let text = readFileSync(new URL(`documents/${file}`, import.meta.url), 'utf8');
    for (const [from, to] of Object.entries(replaced)) text = text.replaceAll(from, to);
    // A person types it a paragraph at a time.
    if (pause) text = text.split('\n\n').join('\n\nawait pause();\n');
    const { outputText } = typescript.transpileModule(text, {
        compilerOptions: { jsx: typescript.JsxEmit.React, target: 'es2022', module: 'commonjs', esModuleInterop: true },
    });
    const scope = {
        React, useState: React.useState, pause, ...globals, exports: {},
        require: (name) => {
            if (!(name in modules)) throw new Error(`the application has no ${name}`);
            return { ...modules[name], __esModule: true };
        },
    };
    const run = new AsyncFunction(...Object.keys(scope), `${outputText}\nreturn ${result};`);
    return () => run(...Object.values(scope));
}

/** A console whose lines are kept, and may be awaited. */
export class Console {
    lines = [];
    #waiting = new Set();

    log = (...line) => {
        this.lines.push(line);
        for (const look of this.#waiting) look();
    };

    /** The first line that begins with a text, now or later. */
    line(text) {
        return new Promise((resolve) => {
            const look = () => {
                const found = this.lines.find((line) => line[0] === text);
                if (!found) return;
                this.#waiting.delete(look);
                resolve(found);
            };
            this.#waiting.add(look);
            look();
        });
    }
}
