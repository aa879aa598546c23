import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { csvLine } from '../../src/admin/csv.ts'

describe('a line of a table', () => {
  it.each([
    [['N-5', 12500.5, null, ''], 'N-5;12500,5;;'],
    [[-7.25, 0, 1_000_000_000_000], '-7,25;0;1000000000000'],
    [['a;b', 'a"b', 'a\nb', ' a '], '"a;b";"a""b";"a\nb";" a "'],
    [['=1+1', '+7 916', '-1', '@SUM(A1)'], "'=1+1;'+7 916;'-1;'@SUM(A1)"],
    [['\t=1', '\r1', '\n=1'], "'\t'=1;\"'\r1\";\"'\n'=1\""],
    [['＝1＋1', '＋1', '－1', '＠A1'], "'＝1＋1;'＋1;'－1;'＠A1"],
    [['=cmd|"/c calc"!A1'], '"\'=cmd|""/c calc""!A1"'],
    [['Ё😀', '1=1', 'a@b.ru'], 'Ё😀;1=1;a@b.ru'],
    // Where a comma parts the cells of a table.
    [['1,=1+1', '1, "@A1"', 'a\t+1', 'a, b'], '1,\'=1+1;"1, ""\'@A1""";a\t\'+1;a, b'],
    [['a;-1', 'a\n=1'], '"a;\'-1";"a\n\'=1"'],
  ])('of %j is %s', (cells, line) => {
    expect(csvLine(cells, ',')).toBe(`${line}\r\n`)
  })

  it('has a point in its numbers where people write one', () => {
    expect(csvLine([12500.5, 'a.b'], '.')).toBe('12500.5;a.b\r\n')
  })

  it('gives back what was put in, and no cell begins a formula', () => {
    const special = fc.constantFrom('=', '+', '-', '@', '\t', '\r', '\n', '"', ';', ',', '＝', "'", ' ')
    const text = fc.array(fc.oneof(special, fc.string()), { maxLength: 8 }).map((parts) => parts.join(''))
    fc.assert(
      fc.property(fc.array(text, { minLength: 1, maxLength: 5 }), (cells) => {
        const read = readLine(csvLine(cells, ','))
        const plain = (cell: string) => cell.replaceAll("'", '')
        expect(read.map(plain)).toEqual(cells.map(plain))
        for (const cell of read) expect(cell).not.toMatch(/^[=+\-@\t\r\n＝＋－＠]|[,;\t\r\n][\s"]*[=+\-@＝＋－＠]/)
      }),
    )
  })
})

/** By RFC 4180. */
function readLine(line: string) {
  const cells = [...`;${line.slice(0, -2)}`.matchAll(/;(?:"((?:[^"]|"")*)"|([^;"]*))/g)]
  return cells.map(([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain ?? '')
}
