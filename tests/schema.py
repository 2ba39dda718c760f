#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# Does JSON say what contrib/schema promises? One process for all documents, so that it takes a second.
#
# usage: tests/schema.py SCHEMA_DIR NAME...
#        A NAME is COMMAND.ANYTHING.json (a document) or COMMAND.ANYTHING.ndjson (a row a line).
#        Tells each document that does not keep to its schema; the last line counts. Exit status 1 where one does not.

import json
import os
import sys

import jsonschema


def validators(directory):
    """COMMAND: the validators of its document and of a line, each schema itself held against draft 2020-12."""
    found = {}
    for name in sorted(os.listdir(directory)):
        if not name.endswith('.schema.json'):
            continue
        with open(os.path.join(directory, name), encoding='utf-8') as file:
            schema = json.load(file)
        kind = jsonschema.Draft202012Validator
        if schema['$schema'] != kind.META_SCHEMA['$id']:
            raise SystemExit(f'{name}: not of draft 2020-12')
        kind.check_schema(schema)
        line = {'$schema': schema['$schema'], '$ref': '#/$defs/line', '$defs': schema.get('$defs', {})}
        found[name[:-len('.schema.json')]] = kind(schema), kind(line if 'line' in line['$defs'] else schema)
    return found


def no_twins(pairs):
    """An object whose keys are all different."""
    made = dict(pairs)
    if len(made) != len(pairs):
        raise ValueError('a key twice in one object')
    return made


def no_constant(word):
    raise ValueError(f'{word} is no JSON')


def documents(path):
    with open(path, encoding='utf-8') as file:
        text = file.read()
    for part in text.splitlines() if path.endswith('.ndjson') else [text]:
        yield json.loads(part, object_pairs_hook=no_twins, parse_constant=no_constant)


def deepest(error):
    """The error that says most: of the branches of a oneOf the one that came furthest."""
    best = jsonschema.exceptions.best_match([error])
    while best.context:
        best = max(best.context, key=lambda e: (len(e.absolute_path), -len(e.message)))
    return best


def main():
    found = validators(sys.argv[1])
    count = bad = 0
    for path in sys.argv[2:]:
        name = os.path.basename(path)
        command = name.split('.')[0]
        try:
            for document in documents(path):
                count += 1
                validator = found[command][path.endswith('.ndjson')]
                for error in validator.iter_errors(document):
                    error = deepest(error)
                    bad += 1
                    where = '/'.join(str(p) for p in error.absolute_path)
                    print(f'{name}: {where}: {error.message[:300]}')
                    break
        except KeyError:
            bad += 1
            print(f'{name}: {command} has no schema')
        except ValueError as error:
            bad += 1
            print(f'{name}: {error}')
    print(f'{count} documents, {bad} that do not keep to their schema')
    return 1 if bad or not count else 0


sys.exit(main())
