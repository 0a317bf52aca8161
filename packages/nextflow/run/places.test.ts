import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Places } from './places.ts';

test('places: who found none free is told once when one was given back', () => {
  const places = new Places(2);
  let told = 0;
  const again = () => void (told += 1);
  assert.deepEqual(
    [places.take(again), places.take(again), places.take(again), places.take(again)],
    [...[true, true, false, false]],
  );
  places.giveBack();
  assert.equal(told, 1);
  assert.equal(places.take(again), true);
});
