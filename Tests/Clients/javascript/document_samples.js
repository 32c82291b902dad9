// The samples of a document by their names, with host, port and secrets replaced.
'use strict';

const fs = require('fs');
const path = require('path');

// `replacements` are pairs of what the document says and what stands for it.
function documentSamples(file, replacements) {
    let text = fs.readFileSync(path.join(__dirname, file), 'utf8');
    for (const [said, meant] of replacements) text = text.replaceAll(said, meant);
    return new Map(text.split('// sample: ').slice(1).map((sample) => {
        const end = sample.indexOf('\n');
        return [sample.slice(0, end), sample.slice(end + 1)];
    }));
}

module.exports = { documentSamples };
