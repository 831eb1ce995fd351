import { test } from 'vitest'
import type { Plan } from '#core/plan/plan.ts'
import { schedulerDefaults } from '#core/plan/scheduler.ts'
import { PlanRunner, embeddedModels } from './run-plan.ts'
const file='emoji-tiny.safetensors'
const draw=(text:string,seed:string,size=128,lora=true)=>(plan:Plan)=>{
  let model = plan.unet({file,prediction:'auto'})
  if (lora) model = plan.applyLora(model,{file:'emoji-tiny-lcm-lora.safetensors',strength:1})
  const latent=plan.sample({model,positive:plan.encodePrompt(plan.textEncoder({file,skip:1}),text),latent:plan.emptyLatent({width:size,height:size,batch:1}),scheduler:plan.scheduler({...schedulerDefaults.lcm,steps:4})},{seed,guidance:1,strength:1})
  plan.saveImage(plan.vaeDecode(plan.vae({file}),latent),{prefix:'a'})
}
const C=[[0.3512,0.2297,0.3227],[0.325,0.4974,0.235],[-0.2829,0.1762,0.2721],[-0.212,-0.2616,-0.7177]]
const constFit = ()=>[0,1,2].map(c=>[...C.map(r=>r[c]!*0.5),0.5])
function rows(l:any,im:any){ const [,,h,w]=l.shape; const out:any[]=[]; for(let y=0;y<h;y++)for(let x=0;x<w;x++){const z=[0,1,2,3].map(c=>l.data[c*h*w+y*w+x]); z.push(1); const rgb=[0,1,2].map(c=>{let s=0;for(let j=0;j<8;j++)for(let i=0;i<8;i++)s+=im.data[(c*h*8+y*8+j)*w*8+x*8+i];return s/64}); out.push([z,rgb])} return out}
function solve(A:number[][],b:number[]){const n=b.length;A=A.map((r,i)=>[...r,b[i]!]);for(let i=0;i<n;i++){let p=i;for(let k=i;k<n;k++)if(Math.abs(A[k]![i]!)>Math.abs(A[p]![i]!))p=k;[A[i],A[p]]=[A[p]!,A[i]!];for(let k=0;k<n;k++)if(k!==i){const f=A[k]![i]!/A[i]![i]!;for(let j=i;j<=n;j++)A[k]![j]!-=f*A[i]![j]!}}return A.map((r,i)=>r[n]!/r[i]!)}
function fit(data:any[],ridge:number){const A=[0,1,2,3,4].map(i=>[0,1,2,3,4].map(j=>data.reduce((s,[z])=>s+z[i]*z[j],0)+(i===j?ridge:0)));const K=constFit();return [0,1,2].map(c=>solve(A,[0,1,2,3,4].map(i=>data.reduce((s,[z,r])=>s+z[i]*r[c],0)+ridge*K[c]![i]!)))}
function mse(f:number[][],data:any[]){let s=0;for(const[z,r]of data)for(let c=0;c<3;c++){const v=Math.max(0,Math.min(1,f[c]!.reduce((a,k,i)=>a+k*z[i],0)));s+=(v-r[c])**2}return Math.sqrt(s/data.length/3)}
test('exp',async()=>{
  const r=new PlanRunner([embeddedModels])
  const P=['a fox on a blue background','a red fish','a green tree','a smiling face','a yellow sun','a house on a pink background','a purple grape','a black cat']
  const D:any[]=[]
  for(const[i,p]of P.entries()){const {latents,images}=await r.run(draw(p,String(i)));D.push(rows(latents[0],images[0]))}
  const all=D.flat()
  console.log('const',P.map((_,i)=>mse(constFit(),D[i]).toFixed(3)).join(' '), 'all',mse(constFit(),all).toFixed(4))
  console.log('fit all',mse(fit(all,0),all).toFixed(4), fit(all,0))
  for(const ridge of [0,1,10,50,100,256]) console.log('one ridge',ridge,P.map((_,i)=>mse(fit(D[i],ridge),D.filter((_,j)=>j!==i).flat()).toFixed(3)).join(' '))
  for(const ridge of [0,10,50]) console.log('accum',ridge,P.slice(0,7).map((_,i)=>mse(fit(D.slice(0,i+1).flat(),ridge),D.slice(i+1).flat()).toFixed(3)).join(' '))
  // random smooth latents
  let best
  const stats=[0,1,2,3].map(c=>{const m=all.reduce((s,[z])=>s+z[c],0)/all.length;return [m,Math.sqrt(all.reduce((s,[z])=>s+(z[c]-m)**2,0)/all.length)]})
  console.log('stats',stats)
  // via runner decode of synthetic latents
  const {stepRules}=await import('#engine/lower/rules.ts'); const {stepContext}=await import('./step-context.ts'); const {TorchGenerator}=await import('#engine/sampling/noise.ts')
  const ctx=stepContext(); const of=await stepRules.vae.run({...ctx,resolve:async()=>embeddedModels+'/'+file} as any,{}, {file}); const session=await stepRules.session.run(ctx,{of} as any,{network:'vae-decoder'})
  for(const [cells,amp] of [[1,1],[2,1],[4,1],[8,1],[2,1.5],[4,1.5],[16,1]] as const){
    const g=new TorchGenerator(1n); const n=16; const coarse=g.randn([1,4,cells,cells]).map(v=>v*amp); const d=new Float32Array(4*n*n)
    for(let c=0;c<4;c++)for(let y=0;y<n;y++)for(let x=0;x<n;x++)d[c*n*n+y*n+x]=coarse[c*cells*cells+Math.floor(y*cells/n)*cells+Math.floor(x*cells/n)]!
    const t={data:d,shape:[1,4,n,n]}; const im=(await stepRules['vae-decode'].run(ctx,{session,latent:{tensor:t,empty:false}} as any,{})).tensor
    const rr=rows(t,im); console.log('random',cells,amp,mse(fit(rr,0),all).toFixed(4),mse(fit(rr,10),all).toFixed(4), 'with own', mse(fit([...rr,...D[0]],0),all).toFixed(4))
  }
},600000)
