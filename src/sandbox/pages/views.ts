import { fileURLToPath } from 'node:url'
import nunjucks from 'nunjucks'

export const createViews = () => new nunjucks.Environment(new nunjucks.FileSystemLoader(folder), { autoescape: true })

const folder = fileURLToPath(new URL('../../../views/sandbox', import.meta.url))
